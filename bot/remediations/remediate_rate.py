"""Change the commission rate of a category, and keep what it was before.

Changes   closes the rule in force and adds a new one; what is past keeps its rate.
Refuses   a category without a rule, the same rate, a day before the rule in force.
"""

from datetime import timedelta

from bot.core import rule_days
from bot.core.job import Job
from bot.core.model import Facts, Role, Scalar, phrase
from bot.core.params import Param, marketplace
from bot.core.runbook import ActionFailed, Refused, Remediation
from bot.core.tools import ActionTools, Edit
from bot.remediations import _rates

AHEAD = timedelta(days=90)
BACK = timedelta(days=90)


def remediation() -> Remediation:
    return Remediation(
        name="remediate_rate",
        label="Change rate",
        target=_rates.LOCK,
        params=[
            marketplace(),
            Param(name="rate", pattern=r"\d{1,2}(\.\d{1,3})?", like="12.5"),
            Param(name="from", day=True),
            Param(name="category", rest=True),
        ],
        command="rate",
        about="Change a category's commission rate from a day on; the history is kept",
        place=74,
        role=Role.ADMIN,
        preflight=preflight,
        act=act,
        verify=verify,
        undo="remediate_rate_undo",
        undo_within=timedelta(minutes=10),
        cooldown=timedelta(0),
        timeout=timedelta(minutes=1),
    )


async def preflight(tools: ActionTools, job: Job) -> Facts | Refused:
    await tools.shop.require(_rates.NEEDS)
    place, start, wanted = job.word("marketplace"), job.day("from"), float(job.word("rate"))
    if not job.moment.today - BACK <= start <= job.moment.today + AHEAD:
        return Refused(phrase("rate_day", back=BACK.days, ahead=AHEAD.days))
    known = await _rates.rules(tools, place, job.word("category"))
    open_ones = [rule for rule in known if rule["effective_until"] is None]
    if not open_ones:
        return Refused(phrase("rate_no_rule", marketplace=place, category=job.word("category")))
    if len(open_ones) > 1:
        return Refused(phrase("rate_two_rules", category=str(open_ones[0]["category"])))
    rule = open_ones[0]
    if float(rule["rate_pct"] or 0) == wanted:
        return Refused(phrase("rate_same", rate_pct=wanted))
    if _rates.day(rule["effective_from"]) >= start.isoformat():
        return Refused(phrase("rate_too_early", since=_rates.day(rule["effective_from"])))
    category = str(rule["category"])
    ends = await rule_days.read(tools.shop)
    effect = await tools.shop.rows(
        "remediations/rate_effect.sql.j2",
        marketplace=place,
        category=category,
        since=(job.moment.today - timedelta(days=_rates.EFFECT_DAYS)).isoformat(),
        until=job.moment.today.isoformat(),
    )
    sold = float(effect[0]["sold_rub"] or 0)
    return {
        "rule_id": rule["id"],
        "category": category,
        "spelled": rule["marketplace"],  # the shop's view joins by its own spelling
        "old_pct": rule["rate_pct"],
        "fixed_per_unit": rule["fixed_per_unit"],
        "since": _rates.day(rule["effective_from"]),
        "last_day": (start - timedelta(days=1)).isoformat(),
        "until": ends.before(start).isoformat(),
        "skus": effect[0]["skus"],
        "effect_rub": round(sold * (wanted - float(rule["rate_pct"] or 0)) / 100, 2),
        "effect_days": _rates.EFFECT_DAYS,
        "outliers": await _rates.outliers(tools, place, category, job.moment.today),
    }


async def act(tools: ActionTools, job: Job) -> Facts:
    """Both statements or none; a rule that somebody changed meanwhile is not touched."""
    before = job.before
    fixed = before["fixed_per_unit"]
    new: dict[str, Scalar] = {
        "marketplace": str(before["spelled"]),
        "category": str(before["category"]),
        "rate": float(job.word("rate")),
        "fixed": None if fixed is None else _number(fixed),
        "since": job.word("from"),
        "now": _rates.stamp(job),
    }
    close: dict[str, Scalar] = {
        "id": _number(before["rule_id"]),
        "old": _number(before["old_pct"]),
        "until": str(before["until"]),
        "now": _rates.stamp(job),
    }
    await tools.edits.change(
        [
            Edit(query="remediations/rate_close.sql.j2", binds=close),
            Edit(query="remediations/rate_add.sql.j2", binds=new),
        ]
    )
    return {}


async def verify(tools: ActionTools, job: Job, _after: Facts) -> Facts:
    """Exactly one rule is open, with the new rate, and the old one is kept."""
    place, category = job.word("marketplace"), str(job.before["category"])
    known = await _rates.rules(tools, place, category)
    open_ones = [rule for rule in known if rule["effective_until"] is None]
    kept = [rule for rule in known if rule["id"] == job.before["rule_id"]]
    fits = [rule for rule in open_ones if float(rule["rate_pct"] or 0) == float(job.word("rate"))]
    if len(open_ones) != 1 or not fits or not kept:
        raise ActionFailed(phrase("rate_not_there", category=category))
    return {
        "rule_id": fits[0]["id"],
        "outliers": await _rates.outliers(tools, place, category, job.moment.today),
    }


def _number(value: object) -> int | float:
    if not isinstance(value, int | float):
        raise TypeError(f"not a number: {value!r}")
    return value
