"""What messages and cards say of one run of an action."""

import logging
from dataclasses import dataclass
from datetime import datetime

from bot.core.book import Book
from bot.core.model import Alert, phrase
from bot.core.ports import Tx
from bot.core.records import Run
from bot.edges.templates import Templates

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class RunTexts:
    templates: Templates
    book: Book

    def text(self, tx: Tx, run: Run, now: datetime) -> str:
        """The text of its message, as HTML."""
        following = tx.runs.following(run.id)
        alert = tx.alerts.get(run.alert_id) if run.alert_id is not None else None
        view = self.view(run, alert)
        return self.templates.render("run.html.j2", **view, following=following, now=now)

    def text_or_bare(self, tx: Tx, run: Run, now: datetime) -> str:
        """It cannot fail: of a run of an older release there is a bare line."""
        try:
            return self.text(tx, run, now)
        except Exception:
            log.exception("run failed", extra=run.named)
            return self.bare(run)

    def bare(self, run: Run) -> str:
        title = self.book.label(run.action)
        return self.templates.say(
            phrase("run_unwritten", id=run.id, action=title, state=run.state)
        )

    def line(self, run: Run, alert: Alert | None) -> str:
        """What came of it in one line, as HTML."""
        return self.templates.render("mirror/run.html.j2", view=self.view(run, alert))

    def view(self, run: Run, alert: Alert | None) -> dict[str, object]:
        """A run for a template: the words of its own action, and whether its alert ends by it."""
        action = self.book.remediations[run.action]
        return {
            "run": run,
            "action": action,
            "title": action.title(run),
            "cure": self._cures(run, alert),
            "words": f"remediations/{action.name.removeprefix('remediate_')}.html.j2",
        }

    def _cures(self, run: Run, alert: Alert | None) -> bool:
        """Whether its alert should be over by it."""
        runbook = self.book.known.get(alert.check) if alert else None
        if alert is None or runbook is None:
            return False
        return runbook.cured_by(self.book.remediations[run.action], alert.subject)
