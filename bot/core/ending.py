"""How a run ends: one row with all that is known, and everybody who should know told of it."""

from dataclasses import replace
from datetime import datetime, timedelta

from bot.core import audit, cards, matrix
from bot.core.book import Book
from bot.core.follow import DONE
from bot.core.model import Alert, Facts, Phrase
from bot.core.notices import notify, ring
from bot.core.ports import Tx
from bot.core.records import PostKind, PostState, Run, RunState

TROUBLE = (RunState.NOT_VERIFIED, RunState.FAILED, RunState.INTERRUPTED)
LONG = timedelta(minutes=1)  # who waited longer is looking elsewhere: an edit does not ring


def finish(  # noqa: PLR0913, PLR0917  # all that is known at its end
    tx: Tx,
    book: Book,
    run: Run,
    state: RunState,
    now: datetime,
    why: Phrase | None = None,
    after: Facts | None = None,
) -> bool:
    """End a run that is still in the state it was seen in; false: it is not."""
    current = tx.runs.get(run.id)
    if current is None:
        return False
    done = replace(
        current,
        state=state,
        finished_at=now,
        started_at=run.started_at,
        why=why,
        after=current.after if after is None else after,
        undo_until=_undo_until(book, run, state, now),
    )
    if not tx.runs.move(done, frm=run.state):
        return False
    audit.step(tx, done, now)
    for number in (run.id, run.origin_id):
        if number is not None:
            tx.posts.want_run(number)
    alert = tx.alerts.get(run.alert_id) if run.alert_id is not None else None
    if alert is None:
        _report(tx, done, now)
        return True
    book.note(tx, alert, now, state.value, who=run.asked_name, action=book.label(run.action))
    if state is not RunState.SUCCEEDED:
        alert = matrix.unanswered(alert, now, book.policy.matrix)
    alert = tx.alerts.save(alert)
    if state in TROUBLE:
        _escalate(tx, book, done, alert, now)
    return True


def _undo_until(book: Book, run: Run, state: RunState, now: datetime) -> datetime | None:
    action = book.remediations.get(run.action)
    offered = action is not None and action.undo is not None and state in DONE
    return now + action.undo_within if action and offered else None


def _escalate(tx: Tx, book: Book, run: Run, alert: Alert, now: datetime) -> None:
    """It did not help: the admin chat gets the whole card, and every chat hears of it."""
    cards.give(tx, book.policy, alert, now, escalated=True)
    key, template = f"run:{run.id}:{run.state}", "notices/run_trouble.html.j2"
    ring(tx, alert, key, template, now, run=run.id)


def _report(tx: Tx, run: Run, now: datetime) -> None:
    """No alert tells of it: trouble rings, and so does the end of what took long."""
    long = run.started_at is not None and now - run.started_at > LONG
    if run.state in TROUBLE or long:
        for post in tx.posts.of_run(run.id):
            if post.kind is PostKind.RUN and post.state is not PostState.DEAD:
                key = f"over:{run.id}:{run.state}"
                notify(tx, post, key, "notices/run_over.html.j2", now, run=run.id)
