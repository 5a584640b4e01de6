"""Calls of an action's own code: each within its time, and what goes wrong has a phrase."""

import asyncio
import logging

from bot.core.job import Job, Stopped
from bot.core.model import Facts, Unreadable, phrase
from bot.core.records import Run
from bot.core.runbook import ActionFailed, Refused, Remediation
from bot.core.tools import ActionTools

log = logging.getLogger(__name__)

GRACE = 15.0  # seconds a pre-flight may take
PROBE = 60.0  # seconds to look what a crash has left


async def preflight(
    tools: ActionTools, action: Remediation, run: Run, job: Job
) -> Facts | Refused:
    """See what the action would do, or why it must not."""
    try:
        async with asyncio.timeout(GRACE):
            return await action.preflight(tools, job)
    except (Unreadable, ActionFailed) as blind:
        return Refused(blind.why)
    except TimeoutError:
        return Refused(phrase("preflight_too_slow"))
    except Exception as error:
        log.exception("pre-flight failed", extra=run.named)
        return Refused(phrase("action_broke", error=type(error).__name__))


async def act(tools: ActionTools, action: Remediation, job: Job) -> Facts:
    """Let it work; whatever goes wrong is an `ActionFailed`, unless it was asked to stop."""
    try:
        async with asyncio.timeout(action.timeout.total_seconds()):
            return await action.act(tools, job)
    except Unreadable as blind:
        raise ActionFailed(blind.why) from blind
    except TimeoutError as error:
        minutes = action.timeout.total_seconds() / 60
        why = phrase("action_too_slow", minutes=minutes, maybe_done=True)
        raise ActionFailed(why) from error
    except (ActionFailed, Stopped):
        raise
    except Exception as error:
        log.exception("remediation failed", extra={"action": action.name, **job.named})
        raise ActionFailed(phrase("action_broke", error=type(error).__name__)) from error


async def probe(tools: ActionTools, action: Remediation, run: Run, job: Job) -> Facts | None:
    """Look what a crash has left behind; None: nothing could be found out."""
    assert action.probe is not None  # noqa: S101  # only such actions are asked
    try:
        async with asyncio.timeout(PROBE):
            return await action.probe(tools, job)
    except (Unreadable, ActionFailed) as blind:
        log.warning("nothing found out", extra={**run.named, "why": blind.why.key})
        return None
