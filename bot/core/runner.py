"""Carries out remediations: pre-flight, claim, act, verify. Every step is saved before the next.

A run that was claimed is never started again: after a crash it is reported as interrupted.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.core import matrix, telling
from bot.core.book import Book
from bot.core.model import Alert, Facts, Moment, Phrase, State, Unreadable, phrase
from bot.core.policy import CONFIRM_WITHIN
from bot.core.ports import Store, Tx, Wake
from bot.core.records import Post, PostKind, Run, RunState
from bot.core.runbook import ActionFailed, Refused, Remediation
from bot.core.tools import ActionTools
from bot.core.watch import Watch

log = logging.getLogger(__name__)

LOOK_AGAIN = 2.0  # seconds between two looks while a verdict is awaited


@dataclass(frozen=True, slots=True, kw_only=True)
class Runner:
    store: Store
    book: Book
    tools: ActionTools
    watch: Watch
    clock: Callable[[], datetime]
    wake: Wake
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep

    async def pending(self) -> list[Run]:
        """What waits for us: pre-flights to make, confirmed runs to carry out."""
        return await self.store.read(
            lambda tx: list(tx.runs.in_state(RunState.ASKED, RunState.REQUESTED))
        )

    async def handle(self, run: Run) -> None:
        """Take one run as far as it can go without a person."""
        try:
            if run.state is RunState.ASKED:
                await self._propose(run)
            else:
                await self._carry_out(run)
        except Exception:
            # Left as it is, it would keep its target for itself until the next start.
            log.exception("remediation broke off", extra={"run": run.id, "action": run.action})
            await self._break_off(run.id)

    async def _break_off(self, run_id: int) -> None:
        now = self.clock()

        def close(tx: Tx) -> bool:
            run = tx.runs.get(run_id)
            if run is None or run.state not in {RunState.RUNNING, RunState.VERIFYING}:
                return False  # what was not claimed yet is tried again when something happens
            self._finish(tx, run, RunState.INTERRUPTED, now, why=phrase("interrupted"))
            return True

        if await self.store.write(close):
            self.wake()

    async def recover(self) -> list[Run]:
        """After a start: what was under way is interrupted, said so, and never repeated.

        So is a decision that is too old to be meant still: nobody expects a repair at night
        that was confirmed in the morning.
        """
        now = self.clock()

        def close(tx: Tx) -> list[Run]:
            found = list(tx.runs.in_state(RunState.RUNNING, RunState.VERIFYING))
            waiting = tx.runs.in_state(RunState.REQUESTED)
            found += [run for run in waiting if not now - DECISION_AGE <= run.asked_at <= now]
            for run in found:
                self._finish(tx, run, RunState.INTERRUPTED, now, why=phrase("interrupted"))
            return found

        found = await self.store.write(close)
        self.wake()
        return found

    async def _propose(self, run: Run) -> None:
        facts = await self._preflight(run)
        now = self.clock()

        def save(tx: Tx) -> None:
            if isinstance(facts, Refused):
                self._finish(tx, run, RunState.REFUSED, now, why=facts.why)
            else:
                until = now + CONFIRM_WITHIN
                proposed = replace(run, state=RunState.PROPOSED, before=facts, expires_at=until)
                if not tx.runs.move(proposed, frm=RunState.ASKED):
                    return
            self._show(tx, run, now)

        await self.store.write(save)
        self.wake()

    async def _carry_out(self, run: Run) -> None:
        alert = await self._alert(run)
        if alert is not None and alert.state is State.RESOLVED:
            await self._conclude(run, RunState.REFUSED, why=phrase("alert_over"))
            return
        facts = await self._preflight(run)
        if isinstance(facts, Refused):
            await self._conclude(run, RunState.REFUSED, why=facts.why)
            return
        running = replace(run, state=RunState.RUNNING, started_at=self.clock(), before=facts)
        if not await self.store.write(lambda tx: self._claim(tx, running), durable=True):
            return  # somebody else has it; that is what the claim is for
        self.wake()
        try:
            after = await self._act(running)
        except ActionFailed as failure:
            await self._conclude(running, RunState.FAILED, why=failure.why)
            return
        await self._verify(replace(running, after=after))

    def _claim(self, tx: Tx, running: Run) -> bool:
        if not tx.runs.move(running, frm=RunState.REQUESTED):
            return False
        self._tell(tx, running)
        return True

    async def _preflight(self, run: Run) -> Facts | Refused:
        action = self.book.remediations[run.action]
        wait = await self.store.read(lambda tx: self._cooldown(tx, run, action))
        if wait is not None:
            return Refused(wait)
        try:
            async with asyncio.timeout(GRACE):
                return await action.preflight(self.tools, self._moment())
        except Unreadable as blind:
            return Refused(blind.why)
        except TimeoutError:
            return Refused(phrase("preflight_too_slow"))
        except Exception as error:
            log.exception("pre-flight failed", extra={"run": run.id, "action": run.action})
            return Refused(phrase("action_broke", error=type(error).__name__))

    def _cooldown(self, tx: Tx, run: Run, action: Remediation) -> Phrase | None:
        """Again after a minute at the earliest: systemd gives up on a unit restarted in a row."""
        last = tx.runs.last_finished(action.target, action.name)
        if last is None or last.started_at is None or last.id == run.id:
            return None
        free_at = last.started_at + PAUSE
        if not last.started_at <= self.clock() < free_at:  # or the wall clock was set back
            return None
        return phrase("too_soon", action=action.label, until=free_at.isoformat())

    async def _act(self, run: Run) -> Facts:
        action = self.book.remediations[run.action]
        alert = await self._alert(run)
        try:
            async with asyncio.timeout(action.timeout.total_seconds()):
                return await action.act(self.tools, self._moment(), alert, run.key)
        except Unreadable as blind:
            raise ActionFailed(blind.why) from blind
        except TimeoutError as error:
            minutes = action.timeout.total_seconds() / 60
            raise ActionFailed(phrase("action_too_slow", minutes=minutes)) from error
        except ActionFailed:
            raise
        except Exception as error:
            log.exception("remediation failed", extra={"run": run.id, "action": run.action})
            raise ActionFailed(phrase("action_broke", error=type(error).__name__)) from error

    async def _verify(self, run: Run) -> None:
        """Success is recovery: the check must see that the trouble is over."""
        action = self.book.remediations[run.action]
        alert = await self._alert(run)
        if alert is None or not action.verified_by_check:
            await self._conclude(run, RunState.SUCCEEDED)
            return
        verifying = replace(run, state=RunState.VERIFYING)
        await self.store.write(lambda tx: tx.runs.move(verifying, frm=RunState.RUNNING))
        helped = await self._recovered(verifying, alert, action.settle)
        state = RunState.SUCCEEDED if helped else RunState.NOT_VERIFIED
        await self._conclude(verifying, state)

    async def _recovered(self, run: Run, alert: Alert, settle: timedelta) -> bool:
        """Let the check run again until the alert is over or the time to settle has passed."""
        runbook = self.book.runbook(alert.check)
        for look in range(1 + int(settle.total_seconds() / LOOK_AGAIN)):
            if look == 1:  # it takes longer than a moment: people should see why
                await self.store.write(lambda tx: self._tell(tx, run))
                self.wake()
            if look:
                await self.sleep(LOOK_AGAIN)
            await self.watch.round(runbook)
            now = await self.store.read(lambda tx: tx.alerts.get(alert.id))
            if now is None or now.state is State.RESOLVED:
                return True
        return False

    async def _conclude(self, run: Run, state: RunState, why: Phrase | None = None) -> None:
        now = self.clock()
        await self.store.write(lambda tx: self._finish(tx, run, state, now, why=why), durable=True)
        self.wake()

    def _finish(  # one row with all that is known at its end
        self, tx: Tx, run: Run, state: RunState, now: datetime, *, why: Phrase | None = None
    ) -> None:
        done = replace(run, state=state, finished_at=now, why=why)
        if not tx.runs.move(done, frm=run.state):
            return
        tx.posts.want_run(run.id)
        alert = tx.alerts.get(run.alert_id) if run.alert_id is not None else None
        if alert is None:
            return
        label = self.book.remediations[run.action].label
        self.book.note(tx, alert, now, state.value, who=run.asked_name, action=label)
        if state is not RunState.SUCCEEDED:
            alert = matrix.unanswered(alert, now, self.book.policy.matrix)
        alert = tx.alerts.save(alert)
        if state in TROUBLE:
            self._report(tx, done, alert, now)

    def _report(self, tx: Tx, run: Run, alert: Alert, now: datetime) -> None:
        """It did not help: the admin chat gets the whole card, and every chat hears of it."""
        policy = self.book.policy
        telling.tell(tx, policy, alert, now, escalated=True)
        for card in tx.posts.of_alert(alert.id):
            if card.kind is PostKind.CARD:
                telling.notify(
                    tx,
                    card,
                    f"run:{run.id}:{run.state}",
                    "notices/run_trouble.html.j2",
                    now,
                    run=run.id,
                )

    def _show(self, tx: Tx, run: Run, now: datetime) -> None:
        """The question, later the progress and the result, as a reply to the card."""
        if run.chat_id is None:
            return
        post = Post(
            id=0,
            kind=PostKind.RUN,
            chat_id=run.chat_id,
            topic_id=run.topic_id,
            alert_id=None,
            run_id=run.id,
            reply_to=run.reply_to,
            created_at=now,
        )
        tx.posts.add(post, key=f"run:{run.id}")

    @staticmethod
    def _tell(tx: Tx, run: Run) -> None:
        tx.posts.want_run(run.id)
        if run.alert_id is not None:
            tx.alerts.touch(run.alert_id)

    async def _alert(self, run: Run) -> Alert | None:
        if run.alert_id is None:
            return None
        alert_id = run.alert_id
        return await self.store.read(lambda tx: tx.alerts.get(alert_id))

    def _moment(self) -> Moment:
        return Moment(now=self.clock(), zone=self.book.policy.zone)


DECISION_AGE = timedelta(minutes=5)  # an older decision is not carried out after a start
GRACE = 15.0  # seconds a pre-flight may take
PAUSE = timedelta(seconds=60)
TROUBLE = (RunState.NOT_VERIFIED, RunState.FAILED, RunState.INTERRUPTED)
