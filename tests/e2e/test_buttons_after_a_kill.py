"""`kill -9`, then a start: old buttons work, and ticks say by whom and when."""

import re
from collections.abc import Callable

from bot.edges.formats import NARROW
from demo.stage import Demo
from demo.telegram import ANN, BORIS, SHOP_TEAM, VERA, ControlClient
from tests.e2e.conftest import Stage


async def test_buttons_of_before_a_kill_work_after_it(start: Callable[..., Demo]) -> None:
    async with start() as demo, ControlClient(demo.url) as phone:
        stage = Stage(demo, phone)

        async def becomes(number: int, part: str, chat: int = SHOP_TEAM) -> dict[str, object]:
            return await phone.wait_for(
                chat,
                lambda one: (
                    one["message_id"] == number and re.search(part, one["text"]) is not None
                ),
            )

        await demo.turn("negative_cash", on=True)
        card = await stage.card(f"−15{NARROW}000 ₽")
        answer = await stage.says(ANN, "/cash")
        await stage.tap(card, "Runbook")
        page = await phone.wait_for(SHOP_TEAM, lambda one: one["text"].startswith("Runbook 3"))
        await stage.tap(page, "2 · Large costs", VERA)
        await phone.wait_for(SHOP_TEAM, lambda one: one["text"].startswith("Large outflows"))
        await phone.say(BORIS, "/todo 2h call the bank", chat=SHOP_TEAM)
        step = await phone.wait_for(SHOP_TEAM, lambda one: one["text"].startswith("📋"))
        await stage.tap(step, "Take", BORIS)
        await becomes(step["message_id"], "👤 Boris")

        await demo.kill_assistant()
        await demo.start_assistant()

        await stage.tap(answer, "Breakdown")
        await phone.wait_for(ANN, lambda one: one["text"].startswith("Cash flows"))
        await stage.tap(page, "Steps", BORIS)
        await becomes(page["message_id"], r"✅ Vera looked, \d\d:\d\d")
        shown = await becomes(step["message_id"], "👤 Boris")
        await stage.tap(shown, "Done", BORIS)
        await becomes(step["message_id"], r"(?i)done.*Boris.*\d\d:\d\d")
        alike = [one for one in await phone.messages(SHOP_TEAM) if "call the bank" in one["text"]]
        assert [one["out"] for one in alike] == [False, True]
