"""After a start: what was under way is reported, and never run again by itself."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from bot.core import ending, run_messages
from bot.core.book import Book
from bot.core.model import Facts, Role, phrase
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


def refuse_lost(
    tx: Tx, book: Book, now: datetime, role: Callable[[int], Role | None]
) -> list[Run]:
    """End what was decided by somebody who may no longer decide it: say who, and do nothing.

    Settings change with a start only. `role` is what a person or a token may do by those of today.
    """
    refused = []
    for run in tx.runs.in_state(RunState.REQUESTED):
        action = book.remediations.get(run.action)
        if action is None:
            continue
        for number, name in _deciders(run).items():
            held = role(number)
            if held is None or held.rank < action.role.rank:
                why = phrase("decider_lost_role", by=name, needed=action.role)
                ending.finish(tx, book, run, RunState.REFUSED, now, why=why)
                refused.append(run)
                break
    return refused


def _deciders(run: Run) -> dict[int, str]:
    """Who asked for it and who said yes; what begins by itself has neither."""
    found = {run.asked_by: run.asked_name, run.confirmed_by: run.confirmed_name}
    return {number: str(name) for number, name in found.items() if number is not None}


def _is_fresh(decided_at: datetime, now: datetime) -> bool:
    return now - DECISION_AGE <= decided_at <= now


def found(tx: Tx, run: Run, facts: Facts) -> None:
    """Keep what was seen of an interrupted run, and show it."""
    current = tx.runs.get(run.id)
    if current is not None and current.state is RunState.INTERRUPTED:
        tx.runs.move(replace(current, found=facts), frm=RunState.INTERRUPTED)
        tx.posts.want_run(run.id)
