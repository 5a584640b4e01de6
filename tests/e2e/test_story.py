"""The main job, end to end: six things break, people are told, and each is repaired."""

import asyncio
import json
from collections.abc import Callable

import aiohttp
import pytest

from bot.edges.formats import NARROW
from demo.shop.database import reading
from demo.stage import Demo
from demo.telegram import ADMINS, ANN, BORIS, SAM, SHOP_TEAM, VERA, ControlClient
from tests.demo.shop.kit import until
from tests.e2e.conftest import Stage

SLOW = "The web API is slow"
BROKE = f"−15{NARROW}000 ₽"
WRONG = "commissions of OZON"
FULL = "The database is"
DEAD = "The scheduler does not run"


async def test_the_whole_story(start: Callable[..., Demo]) -> None:
    async with start() as demo, ControlClient(demo.url) as phone:
        stage = Stage(demo, phone)
        await stage.says(ANN, "/start")

        await a_full_database_is_vacuumed(stage)
        await a_dead_scheduler_is_restarted(stage)
        await a_slow_api_gets_its_cache_cleared(stage)
        await what_only_people_can_mend_turns_green_when_they_have(stage)
        await commands_answer(stage)
        await strangers_and_viewers_change_nothing(stage)
        await the_shop_s_own_api_shows_them(stage)

        assert (await phone.calls())["refused_by_limits"] == 0
        assert await demo.stop_assistant() == 0


async def a_full_database_is_vacuumed(stage: Stage) -> None:
    await stage.demo.turn("full_of_free_pages", on=True)
    card = await stage.card(FULL)
    assert "VACUUM frees" in card["text"]
    assert "confirm" in (await stage.tap(card, "Run VACUUM", BORIS)).lower()
    assert "faster" not in await stage.confirm("Run VACUUM", BORIS)
    green = await stage.phone.wait_for(
        SHOP_TEAM,
        lambda one: (
            one["message_id"] == card["message_id"] and "by Boris, verified" in one["text"]
        ),
        timeout=40,
    )
    assert green["text"].startswith("✅")
    assert "Run VACUUM:" in green["text"]
    assert not green["buttons"]


async def the_shop_s_own_api_shows_them(stage: Stage) -> None:
    """Each alert and each repair of this story is in SoVAni's own history, once."""
    address = f"{stage.demo.layout.web_url}/api/v1/ops/"
    async with aiohttp.ClientSession() as client:

        async def over() -> bool:
            async with client.get(f"{address}alerts") as answer:
                found = {
                    row["message"]: json.loads(row["extras_json"]) for row in await answer.json()
                }
            states = [one["state"] for text, one in found.items() if FULL in text or DEAD in text]
            return states == ["resolved"] * 2 and any(
                "acknowledged_by" in one for one in found.values()
            )

        await until(over, 30)
    with reading(stage.demo.layout.database) as shop:
        query = "SELECT action_name FROM ops_remediation_history ORDER BY id"
        done = [row["action_name"].removeprefix("remediate_") for row in shop.execute(query)]
    # Clear cache as the web API wrote it down, the others as we did.
    assert sorted(done) == ["clear_cache", "notify_admin", "restart_scheduler", "vacuum_db"]


async def a_dead_scheduler_is_restarted(stage: Stage) -> None:
    await stage.demo.turn("scheduler_dead", on=True)
    card = await stage.card(DEAD)
    await stage.tap(card, "Acknowledge")
    taken = await stage.phone.wait_for(
        SHOP_TEAM, lambda message: "Taken by Ann" in message["text"]
    )
    assert taken["message_id"] == card["message_id"]
    await stage.tap(taken, "Restart scheduler")
    await stage.confirm("Restart scheduler")
    green = await stage.phone.wait_for(
        SHOP_TEAM,
        lambda message: (
            message["message_id"] == card["message_id"] and message["text"].startswith("✅")
        ),
        timeout=40,
    )
    assert "taken by Ann" in green["text"]


async def a_slow_api_gets_its_cache_cleared(stage: Stage) -> None:
    await stage.demo.turn("slow_api", on=True)
    card = await stage.card(SLOW)
    await stage.tap(card, "Clear cache")
    await stage.confirm("Clear cache")
    green = await stage.phone.wait_for(
        SHOP_TEAM,
        lambda message: (
            message["message_id"] == card["message_id"] and message["text"].startswith("✅")
        ),
        timeout=60,
    )
    assert "Clear cache" in green["text"]


async def what_only_people_can_mend_turns_green_when_they_have(stage: Stage) -> None:
    switches = {"negative_cash": BROKE, "wrong_commissions": WRONG}
    for switch in switches:
        await stage.demo.turn(switch, on=True)
    cash = await stage.card(BROKE)
    assert "🔴" in cash["text"]
    await stage.card(BROKE, chat=ADMINS)  # critical: the admin chat has it too
    outliers = await stage.card(WRONG)
    await stage.tap(outliers, "Show outliers", VERA)
    await stage.phone.wait_for(
        SHOP_TEAM, lambda message: message["out"] and "worst first" in message["text"]
    )
    await stage.tap(cash, "Notify admin")
    await stage.phone.wait_for(ADMINS, lambda message: message["text"].startswith("📣"))
    for switch in switches:
        await stage.demo.turn(switch, on=False)
    for card in (cash, outliers):
        number = card["message_id"]
        await stage.phone.wait_for(
            SHOP_TEAM,
            lambda message, wanted=number: (
                message["message_id"] == wanted  # type: ignore[misc]  # bound now
                and message["text"].startswith("✅")
            ),
            timeout=40,
        )


async def commands_answer(stage: Stage) -> None:
    for command, part in [
        ("/help", "/outliers"),
        ("/status", "Database growth"),
        ("/checks", "Database growth"),
        ("/alerts", ""),
        ("/outliers 30", ""),
        ("/db", "sovani_bot.db"),
        ("/runbook 5", "VACUUM"),
        ("/whoami", "1001"),
        ("/cash 400", "Usage: /cash"),
    ]:
        answer = await stage.says(ANN, command)
        assert part in answer["text"], (command, answer["text"])
    cash = await stage.says(ANN, "/cash")
    chart = await stage.phone.wait_for(ANN, lambda message: bool(message.get("photo")))
    assert "₽" in cash["text"] + str(chart.get("caption", ""))


async def strangers_and_viewers_change_nothing(stage: Stage) -> None:
    await stage.demo.turn("wrong_commissions", on=True)
    card = await stage.phone.wait_for(
        SHOP_TEAM,
        lambda message: WRONG in message["text"] and bool(message["buttons"]),
        timeout=40,
    )
    assert "not on this assistant's list" in await stage.tap(card, "Acknowledge", SAM)
    assert "needs a manager" in await stage.tap(card, "Acknowledge", VERA)
    refusal = await stage.says(SAM, "/cash")
    assert "1999" in refusal["text"]
    await stage.demo.turn("wrong_commissions", on=False)


@pytest.mark.asyncio(loop_scope="module")
async def test_no_sales_come_back_with_the_collector(shared: Stage) -> None:
    phone = shared.phone
    await shared.demo.turn("no_sales", on=True)
    card = await phone.wait_for(
        SHOP_TEAM,
        lambda message: "No WB sales" in message["text"] and bool(message["buttons"]),
        timeout=40,
    )
    assert "🟥" in card["text"]
    await shared.tap(card, "Restart scheduler")
    await shared.confirm("Restart scheduler")
    await phone.wait_for(
        SHOP_TEAM,
        lambda message: (
            message["message_id"] == card["message_id"] and message["text"].startswith("✅")
        ),
        timeout=60,
    )


@pytest.mark.asyncio(loop_scope="module")
async def test_a_database_that_vanished_is_said_and_survived(shared: Stage) -> None:
    path = shared.demo.layout.database
    hidden = path.with_name("hidden.db")
    await asyncio.to_thread(path.rename, hidden)
    card = await shared.card("shop database cannot be read", chat=ADMINS)
    assert "is not there" in card["text"]
    answer = await shared.says(ANN, "/cash")
    assert "is not there" in answer["text"]
    assert not path.exists()  # asking must not create an empty one
    await asyncio.to_thread(hidden.rename, path)
    await shared.card("shop database can be read again", chat=ADMINS, green=True)
