"""Actions that nobody tapped: what the policy lets start by itself."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from bot.core import audit, quiet, run_messages
from bot.core.job import Arg
from bot.core.model import Alert, Phrase, phrase
from bot.core.policy import Policy, may_run_by_itself
from bot.core.ports import Tx
from bot.core.records import Run, RunState
from bot.core.runbook import Guard, Remediation

HOUR = timedelta(hours=1)


def obstacle(tx: Tx, policy: Policy, action: Remediation, now: datetime) -> Phrase | None:
    """Why this action must not start by itself now; None: it may."""
    if not policy.automatic:
        return phrase("automatic_off")
    if action.guard is Guard.TWO_PEOPLE:
        return phrase("automatic_two_people", action=action.label)
    if quiet.maintenance(tx.silences.active(now)):
        return phrase("automatic_maintenance")
    if not may_run_by_itself(action, _earlier(tx, action, now), now=now, policy=policy):
        return phrase("automatic_limit", action=action.label)
    return None


def start(  # noqa: PLR0913  # what, why, and by which rules
    tx: Tx,
    policy: Policy,
    action: Remediation,
    now: datetime,
    *,
    key: str,
    by: str,
    args: Mapping[str, Arg] | None = None,
    alert: Alert | None = None,
) -> Run | None:
    """Request an action, once for each `key`; None: it must not start now, or did already.

    Nothing starts by itself in somebody's maintenance, nor what two people have to agree to. An
    action that is no alert's has its message in the admin chat.
    """
    if obstacle(tx, policy, action, now) is not None:
        return None
    run = Run(
        id=0,
        key=key,
        action=action.name,
        target=action.lock(args or {}),
        args=dict(args or {}),
        state=RunState.REQUESTED,
        asked_at=now,
        asked_name=by,
        alert_id=alert.id if alert else None,
    )
    made = tx.runs.add(run)
    if made is not None:
        audit.step(tx, made, now)
        run_messages.show(tx, policy, made, now)
    return made


def _earlier(tx: Tx, action: Remediation, now: datetime) -> Sequence[Run]:
    return tx.runs.automatic_since(action.name, now - max(HOUR, action.automatic_pause))
