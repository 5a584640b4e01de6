"""A busy quarter is read by pages: whoever taps meanwhile is answered in between."""

import asyncio
from datetime import timedelta

import pytest

from bot.core.model import Severity, fires
from bot.core.ports import Tx
from bot.core.records import HistoryEntry
from bot.questions import _past
from tests.conftest import NOON
from tests.questions.conftest import Room

ALERTS = 60  # of three rows each


def busy(tx: Tx) -> None:
    """Each answered after two minutes; the rows of one stand far from each other."""
    for n in range(ALERTS):
        tx.alerts.add("check_x", fires(f"t{n}", Severity.ERROR), NOON)
    for minutes, event, who in (
        (0, "opened", "bot"),
        (2, "acknowledged", "Ann"),
        (3, "note", "B"),
    ):
        for n in range(ALERTS):
            tx.alerts.write(
                HistoryEntry(
                    alert_id=n + 1,
                    at=NOON + timedelta(minutes=minutes),
                    who=who,
                    event=event,
                    values={"severity": "error"} if event == "opened" else {"user": 7},
                )
            )


@pytest.mark.parametrize("question", ["response 90", "report monthly"])
async def test_taps_are_taken_between_the_pages(
    room: Room, monkeypatch: pytest.MonkeyPatch, question: str
) -> None:
    await room.store.write(busy)
    room.clock.forward(hours=1)
    whole = await room.read(question)
    monkeypatch.setattr(_past, "ROWS", 9)
    asked = asyncio.create_task(room.read(question))  # noqa: TID251  # awaited below
    taps = 0
    while not asked.done():
        await room.store.write(lambda tx: tx.remember("tap", 1, NOON))
        taps += 1
    assert await asked == whole
    assert taps > ALERTS // 9
    assert "2 min" in whole


@pytest.mark.parametrize("rows", [1, 60, 179, 180, 181])
async def test_each_row_is_read_once_wherever_a_page_ends(
    room: Room, monkeypatch: pytest.MonkeyPatch, rows: int
) -> None:
    await room.store.write(busy)
    monkeypatch.setattr(_past, "ROWS", rows)
    found = await _past.answers(room.store, NOON)
    assert [(one.name, one.count, one.median) for one in found.people] == [("B", ALERTS, 120)]
    lives = await _past.lives(room.store, NOON)
    assert [one.id for one in lives] == list(range(1, ALERTS + 1))


async def test_what_happened_before_is_not_read(room: Room) -> None:
    await room.store.write(busy)
    found = await _past.answers(room.store, NOON + timedelta(minutes=1))
    assert found.people == []
    assert (await _past.answers(room.store, NOON + timedelta(days=1))).waiting == 0


async def test_a_page_begins_where_the_days_begin(room: Room) -> None:
    """Years of older rows cost nothing: a page is sought by its number."""

    def look(tx: Tx) -> list[str]:
        driver = tx.connection.connection.driver_connection  # type: ignore[attr-defined]  # the store's own
        asked: list[str] = []
        driver.set_trace_callback(asked.append)
        tx.alerts.entries_since(NOON, after=0, most=5)
        driver.set_trace_callback(None)
        return [row[3] for one in asked for row in driver.execute(f"EXPLAIN QUERY PLAN {one}")]

    first, page = await room.store.read(look)
    assert "INDEX history_at (at>?)" in first
    assert "INTEGER PRIMARY KEY (rowid>?)" in page
