"""The cards of a missed job, and of the data that it brings, say when it is started again."""

from collections.abc import Mapping
from dataclasses import replace
from functools import partial

import pytest

from bot.core.model import Alert, Facts, Reading, Severity, fires
from bot.core.planned import Plans
from bot.core.policy import Policy
from bot.core.ports import Tx
from bot.core.records import RunState
from bot.core.rounds import Round
from bot.edges.store import SqlStore
from bot.edges.templates import plain
from tests.conftest import Clock
from tests.schedules.test_missed_jobs_again import (
    COLLECT,
    DUE,
    Night,
    first,
    nightfall,
)

SCHEDULER, INGEST = "check_scheduler_on_time", "check_ingest_success_rate"
RECALC = "recalc_recent_metrics"
DAY: Facts = {
    "day": "2026-11-23",
    "missing_days": 1,
    "usual_rows": 40,
    "rows": 0,
    "strip": [False],
    "last_day": "2026-11-22",
    "failed_in_row": 0,
    "calls_failed": 0,
}
UNKNOWN: Facts = dict.fromkeys(("last_run", "last_sec", "usual_sec", "on_time_pct", "error"))
OPEN: Mapping[str, list[Reading]] = {
    SCHEDULER: [
        fires(job, Severity.WARNING, job=job, problem="missed", due=DUE.isoformat(), **UNKNOWN)
        for job in (COLLECT, RECALC)
    ],
    INGEST: [fires("WB", Severity.WARNING, **DAY)],
}


class Wall:
    """The cards of all open alerts."""

    def __init__(self, night: Night) -> None:
        self.night = night

    async def opened(self) -> None:
        def settle(tx: Tx) -> None:
            book = self.night.hall.book
            for check, readings in OPEN.items():
                Round(tx, book, book.runbooks[check], self.night.clock.now).settle(readings)

        await self.night.store.write(settle)

    async def alerts(self) -> dict[str, Alert]:
        names = [SCHEDULER, INGEST]
        return await self.night.store.read(
            lambda tx: {one.subject: one for name in names for one in tx.alerts.open(name)}
        )

    async def versions(self) -> dict[str, int]:
        return {subject: one.version for subject, one in (await self.alerts()).items()}

    async def lines(self) -> dict[str, str]:
        """The line of each card that tells the next attempt."""
        cards, clock = self.night.hall.cards, self.night.clock
        found = {}
        for subject, alert in (await self.alerts()).items():
            card = partial(cards.alert_card, alert=alert, now=clock.now)
            html = await self.night.store.read(card)
            told = [line for line in plain(html).splitlines() if "Next attempt" in line]
            found[subject] = "".join(told)
        return found


@pytest.fixture
async def wall(store: SqlStore, clock: Clock, policy: Policy) -> Wall:
    found = Wall(await nightfall(store, clock, policy))
    await found.opened()
    return found


async def test_the_cards_tell_it_and_are_shown_anew_only_when_it_changes(wall: Wall) -> None:
    night = wall.night
    run = await first(night)
    assert set((await wall.lines()).values()) == {""}
    await night.ends(run)
    before = await wall.versions()
    await night.passes(10)
    assert await wall.lines() == {
        COLLECT: "🔁 Next attempt 05:41, 2 of 4",
        "WB": "🔁 Next attempt 05:41, 2 of 4",
        RECALC: "",
    }
    seen = await wall.versions()
    assert {one: seen[one] - before[one] for one in seen} == {COLLECT: 1, "WB": 1, RECALC: 0}
    await night.hall.wanted("missed_jobs")
    assert await night.hall.look() == ["missed_jobs"]
    assert await wall.versions() == seen, "edited though nothing has changed"


async def test_it_is_gone_from_the_cards_once_the_attempt_is_made(wall: Wall) -> None:
    night = wall.night
    await night.ends(await first(night))
    await night.passes(10)
    seen = await wall.versions()
    (again,) = await night.passes(10)
    assert set((await wall.lines()).values()) == {""}
    after = await wall.versions()
    assert (after[COLLECT], after["WB"]) == (seen[COLLECT] + 1, seen["WB"] + 1)
    await night.ends(again, RunState.SUCCEEDED)
    await night.passes(30)
    assert set((await wall.lines()).values()) == {""}


async def test_nothing_is_told_while_the_schedule_is_off(wall: Wall) -> None:
    night = wall.night
    await night.ends(await first(night))
    await night.passes(10)
    book = night.hall.book
    off = replace(book.plans.known["missed_jobs"], when=None)
    plans = Plans(zone=book.plans.zone, known={"missed_jobs": off})
    night.hall.cards = replace(night.hall.cards, book=replace(book, plans=plans))
    assert set((await wall.lines()).values()) == {""}
