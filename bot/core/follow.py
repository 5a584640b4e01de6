"""Whether anything may follow a run that is over."""

from bot.core.records import Run, RunState
from bot.core.runbook import Remediation

DONE = (RunState.SUCCEEDED, RunState.NOT_VERIFIED)
BROKEN_OFF = (RunState.INTERRUPTED, RunState.CANCELLED, RunState.FAILED)


def can_undo(run: Run, action: Remediation) -> bool:
    """Whether there was something to take back; when it is too late `undo_until` says."""
    return action.undo is not None and run.state in DONE and run.undo_until is not None


def can_resume(run: Run, action: Remediation) -> bool:
    """Whether it began and did not get to its end."""
    return action.resumable and run.state in BROKEN_OFF and run.started_at is not None
