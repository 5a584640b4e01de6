"""What each of our messages should show now: text and buttons, from the tables and templates."""

import logging
from dataclasses import dataclass, field
from datetime import datetime

from bot.core import keyboard, people, quiet, reports, todo_reminders
from bot.core.book import Book
from bot.core.keyboard import Keys
from bot.core.model import Alert, Reading, State, phrase
from bot.core.ports import Tx
from bot.core.question import Page as Answer
from bot.core.records import ACTIVE, Post, PostKind, Run, RunState, Silence
from bot.core.runbook import Guard, Runbook
from bot.edges.alert_texts import AlertTexts
from bot.edges.crowds import Crowds
from bot.edges.run_texts import RunTexts
from bot.edges.templates import Templates

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Page:
    """A message as it should be; `version` is the state of the tables that it shows."""

    text: str
    version: int
    keys: Keys = field(default_factory=list)
    only_user: int | None = None
    silent: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Cards:
    templates: Templates
    book: Book

    def page(self, tx: Tx, post: Post, now: datetime) -> Page:
        """Read the tables and render; in the caller's transaction, so nothing can be stale."""
        makers = {
            PostKind.CARD: self._card,
            PostKind.RUN: self._run,
            PostKind.NOTICE: self._notice,
            PostKind.STORM: self._storm,
            PostKind.DIGEST: self._digest,
            PostKind.REPORT: self._report,
            PostKind.FILE: self._file,
            PostKind.TODO: self._todo,
        }
        try:
            return makers[post.kind](tx, post, now)
        except Exception:
            # A template that fails: a bare line is better than none.
            log.exception("card failed", extra={"post": post.id, "alert": post.alert_id})
            return self._bare(tx, post)

    def _bare(self, tx: Tx, post: Post) -> Page:
        run = tx.runs.get(post.run_id) if post.run_id is not None else None
        if run is not None and post.kind is PostKind.RUN:
            return Page(text=self._runs.bare(run), version=post.wanted)
        alert = tx.alerts.get(post.alert_id) if post.alert_id is not None else None
        if alert is None:
            return Page(text=self.templates.say(phrase("post_failed")), version=post.wanted)
        line = phrase(
            "card_failed",
            id=alert.id,
            check=alert.check,
            subject=alert.subject,
            severity=alert.severity,
            state=alert.state,
        )
        version = alert.version if post.kind is PostKind.CARD else post.wanted
        return Page(text=self.templates.say(line), version=version)

    def page_text(self, page: Answer) -> str:
        """The text of an answer, as HTML."""
        return self.templates.render(page.template, **page.values)

    def headline(self, runbook: Runbook, reading: Reading) -> str:
        """One plain line about a reading, whatever its status; for lists, JSON and terminals."""
        return self._alerts.headline(runbook, reading)

    def alert_line(self, alert: Alert) -> str:
        """The headline of an alert's card, as HTML; it cannot fail."""
        return self._alerts.line(alert)

    def alert_card(self, tx: Tx, alert: Alert, now: datetime) -> str:
        """The text of an alert's card, as HTML."""
        return self._alerts.card(tx, alert, now)

    @property
    def _alerts(self) -> AlertTexts:
        return AlertTexts(templates=self.templates, book=self.book, run=self._runs.view)

    def guide(self, runbook: Runbook, name: str) -> str:
        """One line of a runbook, or what stands above them, as HTML."""
        return self.templates.block(f"{runbook.folder}/runbook.html.j2", name)

    def _card(self, tx: Tx, post: Post, now: datetime) -> Page:
        assert post.alert_id is not None  # noqa: S101  # a card is always of an alert
        alert = tx.alerts.get(post.alert_id)
        assert alert is not None  # noqa: S101  # alerts are never deleted before their posts
        runbook = self.book.runbook(alert.check)
        runs = tx.runs.of_alert(alert.id)
        hush = quiet.of(tx, self.book.policy, alert, now)
        text = self.alert_card(tx, alert, now)
        repairs = runbook.remediations if runbook.repairs(alert.subject) else ()
        known = [self.book.remediations[name] for name in repairs]
        at_work = [one for one in runs if one.state in ACTIVE and one.state is not RunState.ASKED]
        measured = {one.action for one in at_work if self._is_measured(one)}
        actions = [one for one in known if one.suits(alert) and one.name not in measured]
        busy = any(one.action not in measured for one in at_work)
        return Page(
            text=text,
            version=alert.version,
            keys=keyboard.of_alert(alert, runbook, actions, busy, hush),
            silent=_is_quiet(alert, hush),
        )

    def _run(self, tx: Tx, post: Post, now: datetime) -> Page:
        assert post.run_id is not None  # noqa: S101  # a run's post is always of a run
        run = tx.runs.get(post.run_id)
        assert run is not None  # noqa: S101  # runs are never deleted before their posts
        action = self.book.remediations[run.action]
        text = self._runs.text(tx, run, now)
        only = None if action.guard is Guard.TWO_PEOPLE else run.asked_by
        keys = keyboard.of_run(run, action, tx.runs.following(run.id))
        return Page(text=text, version=post.wanted, keys=keys, only_user=only)

    def run_text(self, tx: Tx, run: Run, now: datetime) -> str:
        """The text of a run's message, as HTML; a bare line about one of an older release."""
        return self._runs.text_or_bare(tx, run, now)

    def run_line(self, run: Run, alert: Alert | None) -> str:
        """What came of a run in one line, as HTML."""
        return self._runs.line(run, alert)

    @property
    def _runs(self) -> RunTexts:
        return RunTexts(templates=self.templates, book=self.book)

    def _is_measured(self, run: Run) -> bool:
        """Whether it is done and looks at figures for minutes: that keeps nobody from the rest."""
        action = self.book.remediations.get(run.action)
        return run.state is RunState.VERIFYING and action is not None and action.proves

    def _storm(self, tx: Tx, post: Post, _now: datetime) -> Page:
        text, keys = self._crowds.storm(tx, post)
        return Page(text=text, version=post.wanted, keys=keys)

    def _digest(self, tx: Tx, post: Post, _now: datetime) -> Page:
        return Page(text=self._crowds.digest(tx, post), version=post.wanted, silent=True)

    @property
    def _crowds(self) -> Crowds:
        return Crowds(templates=self.templates, book=self.book, line=self.alert_line)

    def _notice(self, tx: Tx, post: Post, now: datetime) -> Page:
        assert post.template is not None  # noqa: S101  # a notice is always made from one
        alert = tx.alerts.get(post.alert_id) if post.alert_id is not None else None
        run_id = post.context.get("run")
        run = tx.runs.get(run_id) if isinstance(run_id, int) else None
        text = self.templates.render(
            post.template,
            **{**post.context, "run": self._runs.view(run, alert) if run else None},
            alert=alert,
            line=self.alert_line(alert) if alert else "",
            storm=self._crowds.above(tx, post),
            contacts=self.book.policy.contacts,
            duty=people.to_mention(tx, self.book.policy, alert, now) if alert else None,
            now=now,
        )
        # It may have waited for Telegram, and somebody wants it quiet since.
        hush = quiet.of(tx, self.book.policy, alert, now) if alert else None
        silent = post.silent or hush is not None
        return Page(text=text, version=post.wanted, silent=silent)

    def _todo(self, tx: Tx, post: Post, now: datetime) -> Page:
        assert post.item_id is not None  # noqa: S101  # such a post is always of a step
        item = tx.todos.get(post.item_id)
        assert item is not None  # noqa: S101  # steps are never deleted before their posts
        alert = tx.alerts.get(item.alert_id) if item.alert_id is not None else None
        policy, late = self.book.policy, item.overdue(now)
        text = self.templates.render(
            "todo.html.j2",
            item=item,
            reminder=post.context.get("reminder", 0),
            late=late,
            alert=alert,
            line=self.alert_line(alert) if alert else "",
            duty=people.on_duty(tx, policy, now) if policy.rota and not item.owner else None,
        )
        keys = keyboard.of_item(item)
        silent = post.silent or not late or todo_reminders.hushed(tx, policy, now) is not None
        return Page(text=text, version=post.wanted, keys=keys, silent=silent)

    @staticmethod
    def _report(_tx: Tx, post: Post, _now: datetime) -> Page:
        text, keys = reports.text(post.context), reports.keys(post.context)
        return Page(text=text, version=post.wanted, keys=keys, silent=post.silent)

    def _file(self, _tx: Tx, post: Post, _now: datetime) -> Page:
        """A file needs no words; where it is not taken, they say what it was."""
        name = post.context.get("name")
        instead = phrase("table_refused", name=name) if name else phrase("chart_refused")
        text = self.templates.say(instead) if post.plain else ""
        return Page(text=text, version=post.wanted, silent=True)


def _is_quiet(alert: Alert, hush: Silence | None) -> bool:
    """Whether its card must not ring now, whatever was true when it was asked for."""
    doubtful = alert.cause_id is not None or hush is not None
    return doubtful or alert.state is State.RESOLVED or not alert.severity.rank
