"""The texts about one alert: its card, its line, and the line about a reading."""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.core import attempts, people, quiet, todo
from bot.core.book import Book
from bot.core.model import Alert, Json, Reading, Status, phrase
from bot.core.people import OnDuty
from bot.core.ports import Tx
from bot.core.records import Run, RunState, Silence
from bot.core.runbook import Runbook
from bot.core.todo import Item
from bot.edges.templates import Templates, plain

log = logging.getLogger(__name__)

SHOWN_RUNS = 3
UNSEEN = (RunState.ASKED, RunState.EXPIRED, RunState.CANCELLED)


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertTexts:
    """`run` makes of a run what templates show of it."""

    templates: Templates
    book: Book
    run: Callable[[Run, Alert | None], Mapping[str, object]]

    def headline(self, runbook: Runbook, reading: Reading) -> str:
        """One plain line about a reading, whatever its status; for lists, JSON and terminals."""
        if reading.status is Status.UNKNOWN:
            return self.templates.say_plain(reading.why) if reading.why else ""
        block = "headline" if reading.status is Status.FIRING else "fine"
        name = f"{runbook.folder}/card.html.j2"
        facts = {"facts": reading.facts, "proof": reading.facts, "subject": reading.subject}
        return plain(self.templates.block(name, block, **facts))

    def line(self, alert: Alert) -> str:
        """The headline of an alert's card, as HTML.

        It cannot fail: one that lacks what today's template takes must not hide all the others.
        """
        name = f"{self.book.runbook(alert.check).folder}/card.html.j2"
        try:
            return self.templates.block(name, "headline", facts=alert.facts, subject=alert.subject)
        except Exception:
            log.exception("headline failed", extra={"alert": alert.id})
            return self.templates.say(
                phrase("headline_failed", check=alert.check, subject=alert.subject)
            )

    def card(self, tx: Tx, alert: Alert, now: datetime) -> str:
        """The text of an alert's card, as HTML."""
        policy = self.book.policy
        return self.drawn(
            alert,
            tx.runs.of_alert(alert.id),
            now,
            quiet=quiet.of(tx, policy, alert, now),
            cause=tx.alerts.get(alert.cause_id) if alert.cause_id is not None else None,
            beside=self.book.beside(tx, alert),
            duty=people.to_mention(tx, policy, alert, now),
            steps=tx.todos.of_alert(alert.id),
            attempt=attempts.of_alert(tx, self.book, alert),
        )

    def drawn(  # noqa: PLR0913  # all that a card shows
        self,
        alert: Alert,
        runs: Sequence[Run],
        now: datetime,
        *,
        quiet: Silence | None = None,
        cause: Alert | None = None,
        beside: Sequence[Alert] = (),
        duty: OnDuty | None = None,
        steps: Sequence[Item] = (),
        attempt: Json = None,
    ) -> str:
        """The same from what was read already."""
        runbook = self.book.runbook(alert.check)
        known = [run for run in runs if run.action in self.book.remediations]
        shown = [run for run in known if run.state not in UNSEEN or run.started_at][-SHOWN_RUNS:]
        return self.templates.render(
            f"{runbook.folder}/card.html.j2",
            alert=alert,
            facts=alert.facts,
            proof=alert.proof,
            subject=alert.subject,
            runbook=runbook,
            runs=[self.run(run, alert) for run in shown],
            quiet=quiet,
            cause=cause,
            cause_line=self.line(cause) if cause else "",
            beside=[(one, self.line(one)) for one in beside],
            duty=duty,
            steps=todo.tally(steps),
            attempt=attempt,
            now=now,
        )
