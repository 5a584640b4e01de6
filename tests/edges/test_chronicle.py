"""The log tells the life of an alert, each line with its number, and nothing of what is well."""

import ast
import asyncio
import logging
from contextlib import suppress
from pathlib import Path

import pytest

from bot.core.book import Book
from bot.core.model import Severity, fires, ok
from bot.core.runbook import Runbook
from bot.core.ticks import tick
from bot.core.watch import Watch
from bot.edges import chronicle
from bot.edges.chronicle import Chronicle
from bot.edges.store import SqlStore
from tests import fakes
from tests.conftest import Clock

ROOT = Path(__file__).resolve().parents[2]
SICK = fires("shop\n database", Severity.WARNING, **fakes.FULL)
WELL = ok("shop\n database", **fakes.SLIM)


class Ward:
    """One check, and the log."""

    def __init__(
        self, watch: Watch, runbook: Runbook, world: fakes.World, caplog: pytest.LogCaptureFixture
    ) -> None:
        self.watch, self.runbook, self.world, self._log = watch, runbook, world, caplog

    async def sees(self, *readings: object) -> None:
        self.world.readings = readings  # type: ignore[assignment]  # readings
        await self.watch.round(self.runbook)

    def lines(self) -> list[tuple[str, str, int]]:
        """Level, message and alert of each line since the last look."""
        found = [
            (one.levelname, one.getMessage(), one.__dict__.get("alert", 0))
            for one in self._log.records
        ]
        self._log.clear()
        return found


@pytest.fixture
def ward(
    store: SqlStore, book: Book, runbook: Runbook, clock: Clock, caplog: pytest.LogCaptureFixture
) -> Ward:
    caplog.set_level(logging.INFO)
    world = fakes.World()
    tools = fakes.tools(world)
    watch = Watch(store=store, tools=tools, book=book, clock=clock, wake=lambda: None)
    return Ward(watch, runbook, world, caplog)


async def test_the_life_of_an_alert_is_a_line_each(
    ward: Ward, store: SqlStore, book: Book, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    story = await Chronicle.begin(store)
    await ward.sees(SICK)
    assert ward.lines() == [], "the log is no business of whoever decides"
    await story.tell()
    [line] = caplog.records
    assert ward.lines() == [("WARNING", "alert opened", 1)]
    assert line.__dict__["check"] == "check_db_growth"
    assert line.__dict__["subject"] == "shop database"
    assert line.__dict__["by"] == "SoVAni Ops"
    clock.forward(hours=5)
    await store.write(lambda tx: tick(tx, book, clock()))
    await story.tell()
    assert ("WARNING", "alert escalated", 1) in ward.lines()
    for _ in range(5):
        await ward.sees(WELL)
        clock.forward(minutes=5)
    await story.tell()
    assert ward.lines() == [("INFO", "alert resolved", 1)]


async def test_rounds_in_which_all_is_well_say_nothing(ward: Ward, store: SqlStore) -> None:
    story = await Chronicle.begin(store)
    for _ in range(20):
        await ward.sees(WELL)
        await story.tell()
    assert ward.lines() == []


async def test_what_was_before_this_start_is_not_told_again(
    ward: Ward, store: SqlStore, clock: Clock
) -> None:
    await ward.sees(SICK)
    story = await Chronicle.begin(store)
    await story.tell()
    assert ward.lines() == []
    clock.forward(minutes=10)
    await ward.sees(WELL)
    await story.tell()
    assert [line[1] for line in ward.lines()] == ["alert resolved"]


async def test_it_tells_when_something_has_changed_and_each_thing_once(
    ward: Ward, store: SqlStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chronicle, "MOST", 2)
    story = await Chronicle.begin(store)
    store.written = story.wake
    running = asyncio.ensure_future(story.run())  # noqa: TID251  # cancelled below
    await ward.sees(*(fires(f"db {n}", Severity.WARNING, **fakes.FULL) for n in range(5)))
    async with asyncio.timeout(5):
        while story.last < 5:  # noqa: ASYNC110  # the loop is the event
            await asyncio.sleep(0.001)
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running
    await story.tell()
    assert [line[2] for line in ward.lines()] == [1, 2, 3, 4, 5]


def test_every_line_about_a_message_or_a_run_names_its_alert() -> None:
    """`Post.named` and `Run.named` know it."""
    sources = [
        one for name in ("bot", "handlers", "checks") for one in (ROOT / name).rglob("*.py")
    ]
    without = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in sources
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call) and forgets_the_alert(node)
    ]
    assert without == []


def forgets_the_alert(call: ast.Call) -> bool:
    extra = next((one.value for one in call.keywords if one.arg == "extra"), None)
    keys = extra.keys if isinstance(extra, ast.Dict) else []
    names = {one.value for one in keys if isinstance(one, ast.Constant)}
    return bool(names & {"post", "run"}) and "alert" not in names
