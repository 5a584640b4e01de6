"""Drop the web API's caches through its admin endpoint.

Changes   the next requests are answered from the database, and are slower for a moment.
Proves    by p95 of the requests since, against that of the check's window before.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

from bot.core.job import Job
from bot.core.model import Facts, Reading, Status, Unreadable, phrase
from bot.core.runbook import ActionFailed, Remediation
from bot.core.tools import ActionTools
from bot.core.trial import Trial

SHOWN: Final = ("p95_ms", "at_least", "threshold_ms", "requests", "window_sec")
LONGEST: Final = 900.0  # seconds, however long the check's window is


def remediation() -> Remediation:
    clearing = Clearing()
    return Remediation(
        name="remediate_clear_cache",
        label="Clear cache",
        target="web API",
        preflight=clearing.preflight,
        act=clearing.act,
        verify=clearing.verify,
        proves=True,
        timeout=timedelta(seconds=LONGEST + 60),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Clearing:
    pause: float = 2.0  # seconds between two looks
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    clock: Callable[[], float] = time.monotonic

    async def preflight(self, tools: ActionTools, job: Job) -> Facts:
        """The p95 before: of the window, or as its alert saw it last."""
        known = await _window_before(tools, job)
        if not known and job.alert and "p95_ms" in job.alert.facts:
            known = job.alert.facts
        known = {name: known[name] for name in SHOWN if name in known}
        return {**known, "measured_sec": _longest(job.trial)} if job.trial else known

    async def act(self, tools: ActionTools, job: Job) -> Facts:
        facts = await tools.web_admin.clear_cache()
        if job.trial is not None:
            try:
                await job.trial.begin(tools, job.moment)
            except Unreadable:
                return facts  # it is done; the look at it will say what could not be read
        return facts

    async def verify(self, tools: ActionTools, job: Job, _after: Facts) -> Facts:
        """Count requests since, until they are enough or the check's window has passed."""
        if job.trial is None:
            raise Unreadable(phrase("cache_unmeasured"))
        seen = await self._measured(tools, job, job.trial)
        if seen.status is Status.UNKNOWN:
            raise Unreadable(seen.why or phrase("cache_unmeasured"))
        facts = {name: seen.facts[name] for name in SHOWN}
        if seen.status is Status.FIRING:
            was = {f"before_{name}": job.before.get(name) for name in ("p95_ms", "at_least")}
            raise ActionFailed(phrase("cache_no_help", **facts, **was))
        return facts

    async def _measured(self, tools: ActionTools, job: Job, trial: Trial) -> Reading:
        began = self.clock()
        while True:
            passed = self.clock() - began
            moment = replace(job.moment, now=job.moment.now + timedelta(seconds=passed))
            try:
                seen = await trial.since(tools, moment, passed)
            except Unreadable:
                if passed >= _longest(trial):
                    raise
            else:
                if trial.sure(seen) or passed >= _longest(trial):
                    return seen
            await self.sleep(self.pause)


def _longest(trial: Trial) -> float:
    return min(trial.seconds, LONGEST)


async def _window_before(tools: ActionTools, job: Job) -> Facts:
    if job.trial is None:
        return {}
    try:
        return await job.trial.before(tools, job.moment)
    except Unreadable:
        return {}
