"""Take a changed commission rate back: the rule of before is in force again.

Changes   removes the rule that was added, reopens the one that was closed.
Refuses   where somebody has changed either of them since.
"""

from datetime import timedelta

from bot.core.job import Job
from bot.core.model import Facts, Role, Scalar, phrase
from bot.core.runbook import ActionFailed, Guard, Refused, Remediation
from bot.core.tools import ActionTools, Edit
from bot.remediations import _rates


def remediation() -> Remediation:
    return Remediation(
        name="remediate_rate_undo",
        label="Undo rate",
        target=_rates.LOCK,
        role=Role.ADMIN,
        guard=Guard.NONE,
        direct=False,
        preflight=preflight,
        act=act,
        verify=verify,
        cooldown=timedelta(0),
        timeout=timedelta(minutes=1),
    )


async def preflight(_tools: ActionTools, job: Job) -> Facts | Refused:
    if job.origin is None:
        return Refused(phrase("rate_nothing_to_undo"))
    origin = job.origin
    return {
        "marketplace": origin.args["marketplace"],
        "category": origin.before["category"],
        "old_id": origin.before["rule_id"],
        "old_pct": origin.before["old_pct"],
        "new_id": origin.after["rule_id"],
        "new_pct": float(str(origin.args["rate"])),
        "fixed_per_unit": origin.before["fixed_per_unit"],
        "old_since": origin.before["since"],
        "new_since": origin.args["from"],
        "until": origin.before.get("until", origin.args["from"]),
    }


async def act(tools: ActionTools, job: Job) -> Facts:
    """Both statements or none; a rule that is not as it was made or left is not touched."""
    before = {name: _scalar(value) for name, value in job.before.items()}
    new = {
        "id": before["new_id"],
        "rate": before["new_pct"],
        "fixed": before["fixed_per_unit"],
        "since": before["new_since"],
    }
    old = {
        "id": before["old_id"],
        "rate": before["old_pct"],
        "fixed": before["fixed_per_unit"],
        "since": before["old_since"],
        "until": before["until"],
        "now": _rates.stamp(job),
    }
    await tools.edits.change(
        [
            Edit(query="remediations/rate_remove.sql.j2", binds=new),
            Edit(query="remediations/rate_reopen.sql.j2", binds=old),
        ]
    )
    return {}


async def verify(tools: ActionTools, job: Job, _after: Facts) -> Facts:
    place, category = str(job.before["marketplace"]), str(job.before["category"])
    known = await _rates.rules(tools, place, category)
    open_ones = [rule["id"] for rule in known if rule["effective_until"] is None]
    if open_ones != [job.before["old_id"]]:
        raise ActionFailed(phrase("rate_not_there", category=category))
    return {}


def _scalar(value: object) -> Scalar:
    if value is not None and not isinstance(value, str | int | float):
        raise TypeError(f"not a value: {value!r}")
    return value
