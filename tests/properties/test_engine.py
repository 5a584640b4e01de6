"""Anything may happen, in any order: what is promised holds."""

import asyncio
import os
import shutil
import tempfile
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.core.model import Reading, Severity, Status, Unreadable, fires, ok, phrase, unknown
from bot.core.verbs import Verb
from bot.edges.telegram.api import BadMarkup, Gone, Later, Lost, Outcome, Sent, Unreached
from tests.properties import rules
from tests.properties.life import CASH, GROWTH, INGEST, Life
from tests.properties.tables import Died, Fuse

Step = Callable[[Life], Awaitable[None]]
BLIND = Unreadable(phrase("shop_locked", path="x"))
CHECKS = st.sampled_from([INGEST, CASH, GROWTH])

readings = st.one_of(
    st.builds(
        lambda severity, n: fires("t", severity, n=n),
        st.sampled_from([*Severity]),
        st.integers(1, 2),
    ),
    st.just(ok("t", n=0)),
    st.just(unknown("t", phrase("shop_locked", path="x"))),
)
outcomes = st.one_of(
    st.just(Sent(0)),
    st.just(Unreached("refused")),
    st.just(Lost("timeout")),
    st.builds(Later, st.floats(1, 40)),
    st.just(Gone()),
    st.just(BadMarkup()),
)


def _round(check: str, reading: Reading, other: Reading | None) -> Step:
    seen = [reading]
    if other is not None:
        seen.append(replace(other, subject="u"))

    async def step(life: Life) -> None:
        before = life.tables.look(lambda tx: list(tx.alerts.open(check)))
        await life.round(check, seen)
        if reading.status is Status.UNKNOWN:
            after = life.tables.look(lambda tx: list(tx.alerts.open(check)))
            rules.unknown_resolves_nothing([one for one in before if one.subject == "t"], after)
        await life.tick()
        rules.after_each_tick(life)

    return step


def _blind(check: str) -> Step:
    async def step(life: Life) -> None:
        before = life.tables.look(lambda tx: list(tx.alerts.open(check)))
        await life.round(check, BLIND)
        rules.unknown_resolves_nothing(
            before, life.tables.look(lambda tx: list(tx.alerts.open(check)))
        )

    return step


def _passes(minutes: int) -> Step:
    async def step(life: Life) -> None:
        for _ in range(minutes):
            await life.passes(1)
            rules.after_each_tick(life)

    return step


def _jump(hours: int) -> Step:
    async def step(life: Life) -> None:
        life.clock.forward(hours=hours)
        await life.tick()
        rules.after_each_tick(life)

    return step


def _deliver(most: int, answers: list[Outcome]) -> Step:
    async def step(life: Life) -> None:
        await life.deliver(answers, most=most)

    return step


def _silence(check: str | None, severity: Severity, minutes: int) -> Step:
    return lambda life: life.silence(check, severity, minutes)


def _unsilence() -> Step:
    return lambda life: life.unsilence()


def _tap(verb: Verb, number: int) -> Step:
    return lambda life: life.tap(verb, number)


def _report() -> Step:
    return lambda life: life.report()


def _people(minutes: int) -> Step:
    return lambda life: life.step_of_people(minutes)


def _work() -> Step:
    return lambda life: life.work()


def _fuse(writes: int, *, saved: bool) -> Step:
    async def step(life: Life) -> None:
        life.tables.fuse = Fuse(writes, saved)

    return step


steps = st.one_of(
    st.builds(_round, CHECKS, readings, st.none() | readings),
    st.builds(_round, CHECKS, readings, st.none()),
    st.builds(_blind, CHECKS),
    st.builds(_passes, st.sampled_from([1, 1, 2, 5, 6, 16, 61])),
    st.builds(_jump, st.sampled_from([-24, -1, 1, 24])),
    st.builds(_deliver, st.integers(1, 4), st.lists(outcomes, max_size=4)),
    st.builds(_deliver, st.just(100), st.just([])),
    st.builds(
        _silence,
        st.sampled_from([None, INGEST, CASH, GROWTH]),
        st.sampled_from([*Severity]),
        st.sampled_from([2, 15, 60]),
    ),
    st.builds(_unsilence),
    st.builds(
        _tap,
        st.sampled_from([Verb.ACKNOWLEDGE, Verb.DO, Verb.CONFIRM, Verb.CANCEL, Verb.RESUME]),
        st.integers(0, 5),
    ),
    st.builds(_people, st.sampled_from([2, 15, 90])),
    st.builds(
        _tap, st.sampled_from([Verb.TAKE, Verb.LATER, Verb.DONE, Verb.REOPEN]), st.integers(0, 5)
    ),
    st.builds(_work),
    st.builds(_report),
    st.builds(_fuse, st.integers(1, 5), saved=st.booleans()),
)


async def _live(life: Life, story: list[Step]) -> None:
    for step in story:
        try:
            await step(life)
        except Died:
            await life.dies()
        rules.after_each_step(life)
    life.tables.fuse = None
    for _ in range(4):  # Telegram works, time goes on, nobody does anything
        await life.work()
        await life.deliver()
        await life.passes(1)
        rules.after_each_tick(life)
    await life.deliver()
    rules.in_the_end(life)


@settings(
    max_examples=int(os.environ.get("STORIES", "60")),
    deadline=None,
    derandomize="CI" in os.environ,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(story=st.lists(steps, max_size=40), automatic=st.booleans())
def test_whatever_happens_people_are_told_and_nothing_is_done_twice(
    blank: Path, *, story: list[Step], automatic: bool
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "state.db"
        shutil.copy(blank, path)
        life = Life(path, automatic=automatic)
        try:
            asyncio.run(_live(life, story))
        finally:
            life.tables.close()
