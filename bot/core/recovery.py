"""After a start: what was under way is reported, and never run again by itself."""

from dataclasses import replace
from datetime import datetime, timedelta

from bot.core import ending, run_messages
from bot.core.book import Book
from bot.core.model import Facts, phrase
from bot.core.ports import Tx
from bot.core.records import Run, RunState

DECISION_AGE = timedelta(minutes=5)  # an older decision is not carried out after a start


def interrupt(tx: Tx, book: Book, now: datetime) -> list[Run]:
    """End what a crash broke off; say so where it was asked for.

    So is a decision that is too old to be meant still: nobody expects a repair at night that was
    confirmed in the morning.
    """
    found = list(tx.runs.in_state(RunState.RUNNING, RunState.VERIFYING))
    waiting = tx.runs.in_state(RunState.REQUESTED)
    found += [run for run in waiting if not _is_fresh(run.confirmed_at or run.asked_at, now)]
    for run in found:
        ending.finish(tx, book, run, RunState.INTERRUPTED, now, why=phrase("interrupted"))
        action = book.remediations.get(run.action)
        if action is not None and action.resumable and not tx.posts.of_run(run.id):
            # Nobody asked: somebody may resume.
            run_messages.show_to_admins(tx, book.policy, run, now)
    return found


def _is_fresh(decided_at: datetime, now: datetime) -> bool:
    return now - DECISION_AGE <= decided_at <= now


def found(tx: Tx, run: Run, facts: Facts) -> None:
    """Keep what was seen of an interrupted run, and show it."""
    current = tx.runs.get(run.id)
    if current is not None and current.state is RunState.INTERRUPTED:
        tx.runs.move(replace(current, found=facts), frm=RunState.INTERRUPTED)
        tx.posts.want_run(run.id)
