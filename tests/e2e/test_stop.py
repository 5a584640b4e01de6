"""SIGTERM: what is in flight ends, no tap is lost, and the end comes within ten seconds."""

import asyncio
import sqlite3
import time
from collections.abc import Callable

from demo.stage import Demo
from demo.telegram import ANN, BORIS, SHOP_TEAM, ControlClient, Json
from tests.e2e.conftest import Stage

LONGEST = 10.0
SAID = ("interrupted", "verified", "The assistant itself was stopped")
VERDICTS = {"succeeded", "not_verified", "interrupted", "failed", "cancelled"}


async def test_sigterm_loses_no_tap_and_leaves_no_repair_without_a_verdict(
    start: Callable[..., Demo],
) -> None:
    async with start() as demo, ControlClient(demo.url) as phone:
        stage = Stage(demo, phone)
        await demo.turn("wrong_commissions", on=True)
        card = await stage.card("commissions of OZON")
        await a_tap_at_the_moment_of_the_end_is_answered(stage, card)
        await none_of_many_is_lost(stage, card)
        await a_vacuum_under_way_gets_its_verdict(stage)


async def a_tap_at_the_moment_of_the_end_is_answered(stage: Stage, card: Json) -> None:
    tap = await stage.phone.tap(ANN, card, "Acknowledge")
    assert await stops(stage.demo) == 0
    await stage.demo.start_assistant()
    assert (await stage.phone.answer(tap))["answered"]
    await stage.phone.wait_for(SHOP_TEAM, lambda message: "Taken by Ann" in message["text"])
    assert rows(stage.demo, "SELECT count(*) FROM history WHERE event = 'acknowledged'") == [(1,)]


async def none_of_many_is_lost(stage: Stage, card: Json) -> None:
    """Whoever takes them, before the end or after the next start: each is decided once."""
    given = await stage.phone.wait_for(SHOP_TEAM, lambda one: "Taken by Ann" in one["text"])
    data = {each["text"]: each["data"] for row in given["buttons"] for each in row}["Give back"]
    tap = {"user": ANN, "chat": SHOP_TEAM, "message_id": card["message_id"], "forged": True}
    await stage.phone.call("POST", "tap", [tap | {"data": data}] * 150)
    assert await stops(stage.demo) == 0
    await stage.demo.start_assistant()
    decided = "SELECT count(*) FROM audit WHERE did = 'giveback:'"
    async with asyncio.timeout(40):
        while rows(stage.demo, decided) < [(150,)]:  # noqa: ASYNC110  # another process is the event
            await asyncio.sleep(0.05)
    assert rows(stage.demo, decided) == [(150,)]
    assert rows(stage.demo, "SELECT count(*) FROM history WHERE event = 'given_back'") == [(1,)]


async def a_vacuum_under_way_gets_its_verdict(stage: Stage) -> None:
    await stage.demo.turn("full_of_free_pages", on=True)
    card = await stage.card("The database is")
    await stage.tap(card, "Run VACUUM", BORIS)
    await stage.confirm("Run VACUUM", BORIS)
    await run_is(stage.demo, {"running", "verifying", *VERDICTS})
    assert await stops(stage.demo) == 0
    await stage.demo.start_assistant()
    await run_is(stage.demo, VERDICTS)
    await stage.phone.wait_for(SHOP_TEAM, says_how_it_ended, timeout=40)
    shop = sqlite3.connect(f"file:{stage.demo.layout.database}?mode=ro", uri=True)
    try:
        assert shop.execute("PRAGMA quick_check").fetchall() == [("ok",)]
    finally:
        shop.close()


def says_how_it_ended(message: Json) -> bool:
    text = message["text"]
    return "Run VACUUM" in text and any(word in text for word in SAID)


async def run_is(demo: Demo, states: set[str]) -> None:
    async with asyncio.timeout(40):
        while not all(state in states for (state,) in rows(demo, "SELECT state FROM runs")):  # noqa: ASYNC110  # another process is the event
            await asyncio.sleep(0.02)


async def stops(demo: Demo) -> int:
    """SIGTERM; the exit code. Slower than promised is a failure."""
    began = time.monotonic()
    code = await demo.stop_assistant()
    assert time.monotonic() - began < LONGEST
    return code


def rows(demo: Demo, query: str) -> list[tuple[object, ...]]:
    connection = sqlite3.connect(f"file:{demo.layout.state_database}?mode=ro", uri=True)
    try:
        return connection.execute(query).fetchall()
    finally:
        connection.close()
