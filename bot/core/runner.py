"""Carries out actions: pre-flight, claim, act, verify. Every step is saved before the next.

A run that was claimed is never started again: after a crash it is reported as interrupted.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import datetime

from bot.core import acting, audit, ending, recovery, run_messages
from bot.core.book import Book
from bot.core.job import Job, Stop, Stopped, kept
from bot.core.model import Facts, Moment, Person, Phrase, State, phrase
from bot.core.policy import confirm_within
from bot.core.ports import Store, Tx, Wake
from bot.core.progress import Progress
from bot.core.proof import Proof, tell, verifying
from bot.core.records import UNDER_WAY, Run, RunState
from bot.core.runbook import ActionFailed, Guard, Refused, Remediation
from bot.core.tools import ActionTools
from bot.core.watch import Watch

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Runner:
    store: Store
    book: Book
    tools: ActionTools
    watch: Watch
    clock: Callable[[], datetime]
    wake: Wake
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    ends: Stop = field(default_factory=Stop)  # the assistant itself is asked to stop
    _running: dict[int, Stop] = field(default_factory=dict)

    async def pending(self) -> list[Run]:
        """What waits for us: pre-flights to make, confirmed runs to carry out.

        Running ones that somebody wants to stop are told so.
        """
        wanted = (RunState.ASKED, RunState.REQUESTED, RunState.RUNNING)
        found = await self.store.read(lambda tx: list(tx.runs.in_state(*wanted)))
        for run in found:
            if run.stop_by is not None and run.id in self._running:
                self._running[run.id].ask()
        return [run for run in found if run.state is not RunState.RUNNING]

    def end(self) -> None:
        """Ask all that runs to stop where it can: the assistant is about to end."""
        self.ends.ask()
        for stop in self._running.values():
            stop.ask()

    async def handle(self, run: Run) -> None:
        """Take one run as far as it can go without a person; nothing begins while we end."""
        if self.ends.asked:
            return
        try:
            if run.action not in self.book.remediations:
                why = phrase("action_gone", action=run.action)
                await self._conclude(run, RunState.REFUSED, why=why)
            elif run.state is RunState.ASKED:
                await self._propose(run)
            else:
                await self._carry_out(run)
        except Exception:
            # Left as it is, it would keep its target for itself until the next start.
            log.exception("remediation broke off", extra=run.named)
            await self._break_off(run.id)
        finally:
            self._running.pop(run.id, None)

    async def _break_off(self, run_id: int) -> None:
        now = self.clock()

        def close(tx: Tx) -> bool:
            run = tx.runs.get(run_id)
            if run is None or run.state not in UNDER_WAY:
                return False  # what was not claimed yet is tried again when something happens
            why = phrase("interrupted")
            return ending.finish(tx, self.book, run, RunState.INTERRUPTED, now, why=why)

        if await self.store.write(close):
            self.wake()

    async def recover(self) -> list[Run]:
        """After a start: what was under way is interrupted, said so, and never repeated."""
        now = self.clock()
        found = await self.store.write(lambda tx: recovery.interrupt(tx, self.book, now))
        self.wake()
        return found

    async def probe(self, run: Run) -> None:
        """Look what an interrupted run has left behind, where its action can tell."""
        action = self.book.remediations.get(run.action)
        if action is None or action.probe is None:
            return
        facts = await acting.probe(self.tools, action, run, await self._job(run))
        if facts is not None:
            await self.store.write(lambda tx: recovery.found(tx, run, facts))
            self.wake()

    async def handed_over(self) -> list[Run]:
        """What was to end the assistant, and is judged now that it is here again."""
        return await self.store.read(lambda tx: list(tx.runs.in_state(RunState.HANDED_OVER)))

    async def confirm(self, run: Run) -> None:
        """See whether what was handed over has happened."""
        action = self.book.remediations.get(run.action)
        if action is None or action.verify is None:
            await self._conclude(run, RunState.INTERRUPTED, why=phrase("interrupted"))
            return
        verdict = await self._proof.own(action, await self._job(run), run.after)
        await self._conclude(run, verdict.state, why=verdict.why, after=verdict.after)

    async def _propose(self, run: Run) -> None:
        action = self.book.remediations[run.action]
        facts = await self._preflight(run, await self._job(run))
        now = self.clock()

        def save(tx: Tx) -> None:
            if isinstance(facts, Refused):
                if not ending.finish(tx, self.book, run, RunState.REFUSED, now, why=facts.why):
                    return
            else:
                until = now + confirm_within(action)
                proposed = replace(run, state=RunState.PROPOSED, before=facts, expires_at=until)
                if not tx.runs.move(proposed, frm=RunState.ASKED):
                    return
                audit.step(tx, proposed, now)
                tx.posts.want_run(run.id)
            run_messages.show(tx, self.book.policy, run, now)
            if action.guard is Guard.TWO_PEOPLE and not isinstance(facts, Refused):
                run_messages.show_to_another(tx, self.book.policy, run, now)

        await self.store.write(save)
        self.wake()

    async def _carry_out(self, run: Run) -> None:
        action = self.book.remediations[run.action]
        job = await self._job(run)
        if job.alert is not None and job.alert.state is State.RESOLVED:
            await self._conclude(run, RunState.REFUSED, why=phrase("alert_over"))
            return
        facts = await self._preflight(run, job)
        if isinstance(facts, Refused):
            await self._conclude(run, RunState.REFUSED, why=facts.why)
            return
        state = RunState.HANDED_OVER if action.hands_over else RunState.RUNNING
        running = replace(run, state=state, started_at=self.clock(), before=facts)
        self._running[run.id] = job.stop
        if not await self.store.write(lambda tx: self._claim(tx, running), durable=True):
            return  # it ends, or somebody else has it; that is what the claim is for
        self.wake()
        job = replace(job, before=facts, moment=self._moment(), progress=self._progress(run))
        try:
            after = await acting.act(self.tools, action, job)
        except ActionFailed as failure:
            await self._conclude(running, RunState.FAILED, why=failure.why)
        except Stopped as stopped:
            why = phrase("stopped_by_shutdown") if self.ends.asked else None
            await self._conclude(running, RunState.CANCELLED, why=why, after=stopped.done)
        else:
            await self._judge(running, job, after)

    def _claim(self, tx: Tx, running: Run) -> bool:
        if self.ends.asked:  # while it looked the end came: the next start takes it up
            return False
        if not tx.runs.move(running, frm=RunState.REQUESTED):
            return False
        audit.step(tx, running, self.clock())
        tell(tx, running)
        return True

    async def _preflight(self, run: Run, job: Job) -> Facts | Refused:
        action = self.book.remediations[run.action]
        wait = await self.store.read(lambda tx: self._cooldown(tx, run, action))
        if wait is not None:
            return Refused(wait)
        return await acting.preflight(self.tools, action, run, job)

    def _cooldown(self, tx: Tx, run: Run, action: Remediation) -> Phrase | None:
        """Again after a minute at the earliest: systemd gives up on a unit restarted in a row."""
        last = tx.runs.last_started(run.target, action.name)
        if last is None or last.started_at is None or run.origin_id is not None:
            return None
        free_at = last.started_at + action.cooldown
        if not last.started_at <= self.clock() < free_at:  # or the wall clock was set back
            return None
        return phrase("too_soon", action=action.label, until=free_at.isoformat())

    async def _judge(self, run: Run, job: Job, after: Facts) -> None:
        """Did it help? What handed over is judged by the next start."""
        if run.state is RunState.HANDED_OVER:
            if not self.ends.asked:
                await self._conclude(run, RunState.FAILED, why=phrase("still_here"), after=after)
            return
        looked_at = await self.store.write(lambda tx: verifying(tx, run, after))
        verdict = await self._proof.verdict(looked_at, job, after)
        await self._conclude(looked_at, verdict.state, why=verdict.why, after=verdict.after)

    async def _conclude(
        self, run: Run, state: RunState, *, why: Phrase | None = None, after: Facts | None = None
    ) -> None:
        now = self.clock()
        await self.store.write(
            lambda tx: ending.finish(tx, self.book, run, state, now, why, after), durable=True
        )
        self.wake()

    async def _job(self, run: Run) -> Job:
        """What the action is given; everything is read anew."""

        def look(tx: Tx) -> Job:
            alert = tx.alerts.get(run.alert_id) if run.alert_id is not None else None
            origin = tx.runs.get(run.origin_id) if run.origin_id is not None else None
            who = None if run.asked_by is None else Person(id=run.asked_by, name=run.asked_name)
            return Job(
                moment=self._moment(),
                key=run.key,
                args=kept(run.args),
                who=who,
                alert=alert,
                before=run.before,
                origin=origin,
                trial=self.book.trial(run.action),
            )

        return await self.store.read(look)

    def _progress(self, run: Run) -> Progress:
        return Progress(run=run, store=self.store, clock=self.clock, wake=self.wake)

    @property
    def _proof(self) -> Proof:
        return Proof(
            store=self.store,
            book=self.book,
            tools=self.tools,
            watch=self.watch,
            wake=self.wake,
            sleep=self.sleep,
        )

    def _moment(self) -> Moment:
        return Moment(now=self.clock(), zone=self.book.policy.zone)
