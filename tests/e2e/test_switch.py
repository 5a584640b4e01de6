"""A check switched off by its setting, in a real assistant that is started again with it."""

from collections.abc import Callable

from demo.stage import Demo
from demo.telegram import ANN, SHOP_TEAM, ControlClient
from tests.e2e.conftest import Stage

OFF = {"CHECKS__COMMISSION_OUTLIERS__ENABLED": "false"}


async def test_its_card_says_so_and_a_start_with_it_on_brings_it_back(
    start: Callable[..., Demo],
) -> None:
    async with start() as demo, ControlClient(demo.url) as phone:
        stage = Stage(demo, phone)
        await demo.turn("wrong_commissions", on=True)
        card = await stage.card("commissions of OZON")
        assert await demo.stop_assistant() == 0
        await demo.start_assistant(**OFF)
        closed = await phone.wait_for(
            SHOP_TEAM, lambda one: one["text"].startswith("⏹ No longer watched"), timeout=40
        )
        assert closed["message_id"] == card["message_id"]
        assert "✅" not in closed["text"]
        answer = await stage.says(ANN, "/schedule checks")
        assert "CHECKS__COMMISSION_OUTLIERS__ENABLED" in answer["text"]
        assert await demo.stop_assistant() == 0
        await demo.start_assistant()
        again = await phone.wait_for(
            SHOP_TEAM, lambda one: "again, 2 times now" in one["text"], timeout=40
        )
        assert again["message_id"] == card["message_id"]
