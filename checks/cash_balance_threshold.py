"""The seller runs out of cash.

Sees      the last cumulative balance under the threshold; it clears only a fifth above it.
Explains  the last week by day and by marketplace.
Repairs   nothing by itself: it notifies the admins, who decide.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from functools import partial
from typing import Final

from pydantic import Field

from bot.core.model import (
    Facts,
    Json,
    Moment,
    Phrase,
    Reading,
    Row,
    Severity,
    Status,
    Unreadable,
    fires,
    ok,
    unknown,
)
from bot.core.runbook import Runbook
from bot.core.tools import Tools
from checks import _balance, _costs
from checks._balance import NEEDS, ONE_DAY
from checks._config import CheckConfig, diagnose
from checks._steps.cash_balance_threshold import STEPS
from checks._values import day, number, roubles

SUBJECT: Final = "cash balance"
WEEK: Final = timedelta(days=7)


class Config(CheckConfig, title="CHECKS__CASH_BALANCE_THRESHOLD"):
    cf_negative_balance_alert_threshold: float = Field(
        default=-10_000.0, description="Roubles, if not SoVAni's own."
    )
    cf_default_settlement_lag_days: int = Field(
        default=7, ge=0, le=90, description="Days from a sale to its payout, if not SoVAni's own."
    )
    clear_margin_pct: float = Field(
        default=20.0, ge=0, description="How far above the threshold the alert ends, in % of it."
    )
    stale_after_days: int = Field(
        default=3, ge=1, description="A last balance older than so many days is unknown."
    )

    @property
    def clears_above(self) -> float:
        threshold = self.cf_negative_balance_alert_threshold
        return threshold + abs(threshold) * self.clear_margin_pct / 100


def runbook(config: Config) -> Runbook:
    return Runbook(
        name="check_cash_balance_threshold",
        title="Cash balance",
        number=3,
        detect=partial(detect, config=config),
        diagnose=diagnose("cash_balance_threshold", partial(diagnosis, config=config)),
        needs=NEEDS,
        remediations=["remediate_notify_admin", "remediate_notify_finance"],
        automatic="remediate_notify_admin",
        keeps=("balance_rub",),
        depends_on=("check_ingest_success_rate",),
        steps=STEPS,
        **config.pace,
    )


async def detect(tools: Tools, at: Moment, *, config: Config) -> list[Reading]:
    balances = await _balance.read(tools, at)
    flows = await _flows(tools, balances)
    seen = judge(balances, flows, at, config)
    if seen.status is not Status.FIRING:
        return [seen]
    last = date.fromisoformat(str(seen.facts["day"]))
    costs = await _costs.read(tools, last, seen.facts["balance_rub"], at)
    return [replace(seen, facts={**seen.facts, "costs": costs})]


async def diagnosis(tools: Tools, at: Moment, *, config: Config) -> Facts:
    balances = await _balance.read(tools, at)
    days = [{"day": row["day"], "balance_rub": number(row["balance_rub"])} for row in balances]
    return {
        "days": days[:7],
        "threshold_rub": config.cf_negative_balance_alert_threshold,
        "settlement_lag_days": config.cf_default_settlement_lag_days,
        "flows": flow_facts(await _flows(tools, balances)),
    }


async def _flows(tools: Tools, balances: Sequence[Row]) -> Sequence[Row]:
    """Read the week up to the last balance; the balance is worth a judgement without it."""
    last = day(balances[0]["day"]) if balances else None
    if last is None:
        return []
    until = last + ONE_DAY
    binds = {"since": (until - WEEK).isoformat(), "until": until.isoformat()}
    try:
        return await tools.shop.rows("cash_balance_threshold/flows.sql.j2", **binds)
    except Unreadable:
        return []


def judge(balances: Sequence[Row], flows: Sequence[Row], at: Moment, config: Config) -> Reading:
    """`balances` newest first, one row a day."""
    found = _balance.last(balances, at, config.stale_after_days)
    if isinstance(found, Phrase):
        return unknown(SUBJECT, found)
    balance = found.roubles
    facts: dict[str, Json] = {
        "balance_rub": round(balance, 2),
        "day": found.day.isoformat(),
        "threshold_rub": config.cf_negative_balance_alert_threshold,
        "clears_above_rub": round(config.clears_above, 2),
        "change_7d_rub": change_over_week(balances, found.day, balance),
        "flows_7d": flow_facts(flows),
    }
    if _too_low(balance, config, is_open=SUBJECT in at.open):
        return fires(SUBJECT, Severity.CRITICAL, **facts)
    return ok(SUBJECT, **facts)


def change_over_week(balances: Sequence[Row], last: date, balance: float) -> float | None:
    """Against the balance as it stood seven days before; days without a row change nothing."""
    for row in balances:
        before = day(row["day"])
        if before is not None and before <= last - WEEK:
            earlier = number(row["balance_rub"])
            return None if earlier is None else round(balance - earlier, 2)
    return None


def flow_facts(flows: Sequence[Row]) -> list[dict[str, str | float]]:
    return [
        {
            "marketplace": str(row["marketplace"]),
            "inflow_rub": roubles(row["inflow_rub"]),
            "outflow_rub": roubles(row["outflow_rub"]),
            "net_rub": roubles(row["net_rub"]),
        }
        for row in flows
    ]


def _too_low(balance: float, config: Config, *, is_open: bool) -> bool:
    if balance < config.cf_negative_balance_alert_threshold:
        return True
    return is_open and balance <= config.clears_above
