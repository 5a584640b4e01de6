"""Success is recovery: the action itself looks at the world, and the alert's check looks again."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace

from bot.core.book import Book
from bot.core.job import Job
from bot.core.model import Alert, Facts, Phrase, State, Unreadable, phrase
from bot.core.ports import Store, Tx, Wake
from bot.core.records import Run, RunState
from bot.core.runbook import ActionFailed, Remediation
from bot.core.tools import ActionTools
from bot.core.watch import Watch

log = logging.getLogger(__name__)

LOOK_AGAIN = 2.0  # seconds between two looks while a verdict is awaited


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """How a run ended, with the facts of its work and of its verification."""

    state: RunState
    after: Facts
    why: Phrase | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    store: Store
    book: Book
    tools: ActionTools
    watch: Watch
    wake: Wake
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep

    async def verdict(self, run: Run, job: Job, after: Facts) -> Verdict:
        """Look whether it helped. The run's message says meanwhile that we are looking."""
        action = self.book.remediations[run.action]
        if action.verify is not None:
            await self.store.write(lambda tx: tell(tx, run))
            self.wake()
            verdict = await self.own(action, job, after)
            if verdict.state is not RunState.SUCCEEDED:
                return verdict
            after = verdict.after
        alert = job.alert
        if alert is None or not self.book.runbook(alert.check).cured_by(action, alert.subject):
            return Verdict(state=RunState.SUCCEEDED, after=after)
        runbook = self.book.runbook(alert.check)
        if action.proves:
            if runbook.enabled:  # its card should say so at once
                await self.watch.round(runbook, extra=True)
            return Verdict(state=RunState.SUCCEEDED, after=after)
        if not runbook.enabled:  # its alert was closed by the switch: that proves nothing
            why = phrase("check_off", setting=runbook.switch)
            return Verdict(state=RunState.NOT_VERIFIED, after=after, why=why)
        helped = await self._recovered(run, alert, action.settle.total_seconds())
        state = RunState.SUCCEEDED if helped else RunState.NOT_VERIFIED
        return Verdict(state=state, after=after)

    async def own(self, action: Remediation, job: Job, after: Facts) -> Verdict:
        """The action's own look at what it has done."""
        assert action.verify is not None  # noqa: S101  # only such actions are asked
        try:
            async with asyncio.timeout(action.timeout.total_seconds()):
                facts = await action.verify(self.tools, job, after)
        except ActionFailed as failure:
            why = failure.why
        except Unreadable as blind:
            unseen = {**after, "unseen": True}
            return Verdict(state=RunState.NOT_VERIFIED, after=unseen, why=blind.why)
        except TimeoutError:
            why = phrase("verify_too_slow", minutes=action.timeout.total_seconds() / 60)
        except Exception as error:
            log.exception("verification failed", extra={"action": action.name, **job.named})
            why = phrase("action_broke", error=type(error).__name__)
        else:
            return Verdict(state=RunState.SUCCEEDED, after={**after, **facts})
        return Verdict(state=RunState.NOT_VERIFIED, after=after, why=why)

    async def _recovered(self, run: Run, alert: Alert, settle: float) -> bool:
        """Let the check run again until the alert is over or the time to settle has passed."""
        runbook = self.book.runbook(alert.check)
        for look in range(1 + int(settle / LOOK_AGAIN)):
            if look == 1:  # it takes longer than a moment: people should see why
                await self.store.write(lambda tx: tell(tx, run))
                self.wake()
            if look:
                await self.sleep(LOOK_AGAIN)
            await self.watch.round(runbook, extra=True)
            now = await self.store.read(lambda tx: tx.alerts.get(alert.id))
            if now is None or now.state is State.RESOLVED:
                return True
        return False


def verifying(tx: Tx, run: Run, after: Facts) -> Run:
    """Note that the work is done and its effect is looked for."""
    current = tx.runs.get(run.id) or run
    looked_at = replace(current, state=RunState.VERIFYING, after=after)
    tx.runs.move(looked_at, frm=run.state)
    return looked_at


def tell(tx: Tx, run: Run) -> None:
    """Have the run's message and its alert's cards shown anew."""
    tx.posts.want_run(run.id)
    if run.alert_id is not None:
        tx.alerts.touch(run.alert_id)
