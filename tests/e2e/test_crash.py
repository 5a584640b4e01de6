"""`kill -9` at any moment, then start: nothing lost, nothing doubled, nothing done twice."""

import asyncio
import os
import sqlite3
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.edges.formats import NARROW
from demo import environment
from demo.stage import Demo
from demo.telegram import ANN, SHOP_TEAM, ControlClient
from tests.e2e.conftest import Stage


@pytest.mark.asyncio(loop_scope="module")
async def test_an_alert_survives_a_kill_before_it_could_be_sent(shared: Stage) -> None:
    demo, phone = shared.demo, shared.phone
    await phone.outage(on=True)
    await demo.turn("wrong_commissions", on=True)
    await _until_rows(demo, "SELECT count(*) FROM alerts")
    await demo.kill_assistant()
    await phone.outage(on=False)
    await demo.start_assistant()
    await shared.card("commissions of OZON")
    cards = [one for one in await phone.messages(SHOP_TEAM) if "OZON" in one["text"]]
    assert len(cards) == 1


@pytest.mark.asyncio(loop_scope="module")
async def test_a_kill_in_the_middle_of_a_vacuum_is_reported_and_not_repeated(
    shared: Stage,
) -> None:
    demo = shared.demo
    await demo.turn("full_of_free_pages", on=True)
    card = await shared.card("The database is")
    await shared.tap(card, "Run VACUUM")
    await shared.confirm("Run VACUUM")
    await _until_rows(demo, "SELECT count(*) FROM runs WHERE state IN ('running', 'verifying')")
    await demo.kill_assistant()
    await demo.start_assistant()
    await shared.phone.wait_for(SHOP_TEAM, lambda message: "interrupted" in message["text"])
    rows = _rows(demo, "SELECT state FROM runs")
    assert rows == [("interrupted",)]


# KILLS=200 is the long run; its result stands in benchmarks/RESULTS.md.
@pytest.mark.parametrize("kills", [int(os.environ.get("KILLS", "3"))])
async def test_kills_at_any_moment_leave_the_same_end_state(
    start: Callable[..., Demo], kills: int
) -> None:
    async with start() as demo, ControlClient(demo.url) as phone:
        stage = Stage(demo, phone)
        for switch in ("wrong_commissions", "negative_cash"):
            await demo.turn(switch, on=True)
        for number in range(kills):
            await asyncio.sleep(number % 12 / 10)  # the moment is what the test is about
            await demo.kill_assistant()
            await demo.start_assistant()
        outliers = await stage.card("commissions of OZON")
        await stage.card(f"−15{NARROW}000 ₽")
        assert "Taken" in await stage.tap(outliers, "Acknowledge", ANN)
        for switch in ("wrong_commissions", "negative_cash"):
            await demo.turn(switch, on=False)
        await stage.card("OZON", green=True)
        open_alerts = "SELECT count(*) FROM alerts WHERE state != 'resolved'"
        await _until_rows(demo, open_alerts, wanted=0)
        over = "SELECT count(*) FROM ops_alerts_history WHERE extras_json LIKE '%\"resolved\"%'"
        await _until_rows(demo, over, wanted=2, of=demo.layout.database)
        everything = "SELECT count(*) FROM ops_alerts_history"
        assert _rows(demo, everything, of=demo.layout.database) == [(2,)]
        opened = _rows(demo, "SELECT count(*) FROM history WHERE event = 'opened'")
        assert opened == [(2,)]
        [(repeats,)] = _rows(demo, "SELECT sum(repeats) FROM posts")
        sent = [one["text"] for one in await phone.messages(SHOP_TEAM) if one["out"]]
        cards = [text for text in sent if not text.startswith(("✅ Over after", "⏰"))]
        assert 2 <= len(cards) <= 2 + int(str(repeats))  # only an answer that was lost may double


@pytest.mark.asyncio(loop_scope="module")
async def test_a_second_assistant_is_refused(shared: Stage) -> None:
    demo = shared.demo
    first = demo.assistant
    assert first is not None
    second = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", "run"),
        cwd=demo.layout.folder,
        env=environment.of_assistant(demo.layout, demo.url),
        stderr=asyncio.subprocess.PIPE,
    )
    _, stderr = await asyncio.wait_for(second.communicate(), 60)
    assert second.returncode == 1
    assert f"pid {first.process.pid}" in stderr.decode()


def _rows(demo: Demo, query: str, *, of: Path | None = None) -> list[tuple[object, ...]]:
    file = of or demo.layout.state_database
    connection = sqlite3.connect(f"file:{file}?mode=ro", uri=True)
    try:
        return connection.execute(query).fetchall()
    finally:
        connection.close()


async def _until_rows(
    demo: Demo, query: str, wanted: int | None = None, *, of: Path | None = None
) -> None:
    """Wait until a count is not 0, or is the wanted one."""
    async with asyncio.timeout(40):
        while True:
            [(count,)] = _rows(demo, query, of=of)
            if count == wanted or (wanted is None and count):
                return
            await asyncio.sleep(0.05)
