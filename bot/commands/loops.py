"""What goes on all the time: rounds, remediations, and what is due by the clock."""

import asyncio
import logging
import random
import time
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from functools import partial

from bot.commands.build import Parts
from bot.commands.rules import api_tokens, belonging
from bot.core import (
    beat_look,
    due,
    grants,
    reach,
    recovery,
    senders,
    switched,
    ticks,
    todo_reminders,
)
from bot.core.book import Book
from bot.core.desk import Desk
from bot.core.ports import Tx
from bot.core.records import Run
from bot.core.runbook import Runbook
from bot.core.runner import Runner
from bot.edges.clock import utc_now
from bot.edges.lookout import Lookout
from bot.edges.tasks import Tasks

log = logging.getLogger(__name__)

PRUNE_EVERY = 3600.0
PRUNED_AFTER = timedelta(days=90)  # of what people tried, and of buttons long dead
SHRINK_PAUSE = 0.05
BEATS_EVERY = 10.0  # seconds between two looks at jobs' heartbeats


def rounds(parts: Parts, runbook: Runbook) -> Callable[[], Awaitable[None]]:
    """The loop of one check, on the monotonic clock: a wall clock set back must not stop it."""
    every = runbook.every.total_seconds() if runbook.every else parts.settings.check_interval_sec

    async def loop() -> None:
        while True:
            began = time.monotonic()
            try:
                await parts.watch.round(runbook)
            except Exception:
                # Tables that cannot be written are no reason to ask the shop every second.
                log.exception("round not saved", extra={"check": runbook.name})
            rest = every - (time.monotonic() - began)
            await asyncio.sleep(max(rest, 1.0) * random.uniform(0.98, 1.02))

    return loop


def keep_going(
    parts: Parts, desk: Desk, tasks: Tasks, ring: Callable[[], None], lookout: Lookout
) -> None:
    """Start the loops that need nobody: rounds, and what is due by the clock."""
    tasks.keep(lambda: prune(parts), name="prune")
    tasks.keep(lambda: tidy(parts, desk, ring, lookout), name="tidy")
    for runbook in parts.book.watched.values():
        tasks.keep(rounds(parts, runbook), name=runbook.name)


async def _put_away(parts: Parts) -> None:
    """Close what checks that are switched off had open."""
    closed = await parts.store.write(lambda tx: switched.close(tx, parts.book, utc_now()))
    off = sorted(parts.book.runbooks.keys() - parts.book.watched.keys())
    if off:
        log.info("checks are switched off", extra={"checks": off, "closed": closed})


async def _follow_settings(parts: Parts) -> None:
    """Tell chats that left the settings nothing more, and show what is open to those that came."""
    policy, chats, now = parts.book.policy, belonging(parts.settings), utc_now()
    left = await parts.store.write(lambda tx: reach.follow_settings(tx, policy, chats, now))
    if left:
        log.warning("chats that left the settings are told nothing more", extra={"chats": left})


async def _refuse_lost(parts: Parts) -> None:
    """Nobody's decision is carried out whose role the settings took away meanwhile."""
    role = partial(grants.role_of, parts.access, api_tokens(parts.settings))
    refused = await parts.store.write(
        lambda tx: recovery.refuse_lost(tx, parts.book, utc_now(), role)
    )
    for run in refused:
        log.warning("a remediation was refused: its decider lost the role", extra=run.named)


async def take_over(parts: Parts, runner: Runner, tasks: Tasks) -> None:
    """At the start: report what the last process left in the middle, judge what it handed over."""
    await _put_away(parts)
    await _follow_settings(parts)
    await _refuse_lost(parts)
    for lost in await runner.recover():
        log.warning("a remediation was interrupted", extra=lost.named)
        tasks.start(runner.probe(lost), name=f"probe {lost.id}")
    for run in await runner.handed_over():
        tasks.start(runner.confirm(run), name=f"confirm {run.id}")


async def remediate(runner: Runner, tasks: Tasks, works: asyncio.Event) -> None:
    """Hand out what waits: pre-flights and confirmed remediations, each once."""
    taken: set[tuple[int, str]] = set()

    async def handle(run: Run) -> None:
        try:
            await runner.handle(run)
        finally:
            taken.discard((run.id, run.state))

    while True:
        works.clear()
        for run in await runner.pending():
            if (run.id, run.state) not in taken:
                taken.add((run.id, run.state))
                tasks.start(handle(run), name=f"run {run.id}")
        await works.wait()


def _tick(parts: Parts, desk: Desk, now: datetime) -> Callable[[Tx], tuple[int, datetime | None]]:
    """What is due now, and when to look next: each time that counts here is in `due` too."""
    grace = timedelta(seconds=parts.settings.incoming_grace_sec)
    policy = parts.book.policy

    def tick(tx: Tx) -> tuple[int, datetime | None]:
        count = (
            desk.tidy(tx, now)
            + ticks.tick(tx, parts.book, now)
            + senders.lapse(tx, parts.book, now, grace)
            + todo_reminders.remind(tx, policy, now)
        )
        return count, due.next_at(tx, policy, now, grace)

    return tick


async def tidy(parts: Parts, desk: Desk, ring: Callable[[], None], lookout: Lookout) -> None:
    """Do what is due by the clock."""
    while True:
        count, next_at = await parts.store.write(_tick(parts, desk, utc_now()))
        if count:
            ring()
        await lookout.until(next_at)


def _forget_past(days: int, now: datetime) -> Callable[[Tx], int]:
    return lambda tx: tx.forget(now - timedelta(days=days)) if days else 0


def _look_at_beats(book: Book, now: datetime) -> Callable[[Tx], object]:
    return lambda tx: beat_look.look(tx, book, now)


async def beats(parts: Parts) -> None:
    """Notice jobs that are late or do not end."""
    while True:
        await parts.store.write(_look_at_beats(parts.book, utc_now()))
        await asyncio.sleep(BEATS_EVERY)


def _forget(before: datetime) -> Callable[[Tx], int]:
    return lambda tx: tx.buttons.forget(before) + tx.audit.forget(before)


def _shrink(now: datetime) -> Callable[[Tx], int]:
    return lambda tx: tx.series.shrink(now)


async def prune(parts: Parts) -> None:
    """Forget dead buttons, the older part of the audit log and of history; sum up numbers."""
    days = parts.settings.history_days
    while True:
        await parts.store.write(_forget(utc_now() - PRUNED_AFTER))
        more = await parts.store.write(_shrink(utc_now()))
        more += await parts.store.write(_forget_past(days, utc_now()))
        # In small batches: others want the tables too.
        await asyncio.sleep(SHRINK_PAUSE if more else PRUNE_EVERY)


async def overdue(parts: Parts, late: asyncio.Event) -> None:
    """Make alerts of checks that hang; the watchdog's thread says when to look."""
    while True:
        await late.wait()
        await parts.watch.judge_sight()
        late.clear()
