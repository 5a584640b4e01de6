"""The cash in hand pays for fewer days than the seller wants to have in reserve.

Sees      the last balance, in days of what went out on average over four weeks; it clears only
          a tenth above what is wanted.
Explains  what comes in and goes out a day, by marketplace and by week.
Repairs   nothing: people collect sooner, spend later, or tell finance.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from functools import partial
from math import ceil, fsum
from typing import Final

from pydantic import Field

from bot.core import cashflow, owed
from bot.core.cashflow import ENOUGH_DAYS, Forecast
from bot.core.model import (
    Facts,
    Json,
    Moment,
    Phrase,
    Reading,
    Row,
    Severity,
    Source,
    Unreadable,
    fires,
    ok,
    phrase,
    unknown,
)
from bot.core.runbook import Runbook
from bot.core.steps import diagnosis as looked_at
from bot.core.steps import prevention, step, symptom
from bot.core.tools import Tools
from checks import _balance
from checks._balance import Balance
from checks._config import CheckConfig, diagnose
from checks._values import roubles

SUBJECT: Final = "cash reserve"
CASH: Final = "check_cash_balance_threshold"
NEEDS: Final = {"cashflow_daily": ["d", "marketplace", "inflow", "outflow", "net"]}
WEEK: Final = 7  # days


class Config(CheckConfig, title="CHECKS__CASH_RESERVE"):
    days: int = Field(
        default=30, ge=1, le=365, description="For so many usual days the balance must pay."
    )
    clear_margin_pct: float = Field(
        default=10.0, ge=0, description="How far above DAYS the alert ends, in % of them."
    )
    stale_after_days: int = Field(
        default=3, ge=1, description="A last balance older than so many days is unknown."
    )
    cf_negative_balance_alert_threshold: float = Field(
        default=-10_000.0,
        description="Below so many roubles the cash alert says it all, while that check is on; "
        "if not SoVAni's own.",
    )

    @property
    def clears_at(self) -> int:
        """Days; those of a reserve are whole ones."""
        return ceil(self.days * (1 + self.clear_margin_pct / 100))


def runbook(config: Config) -> Runbook:
    return Runbook(
        name="check_cash_reserve",
        title="Cash reserve",
        number=8,
        detect=partial(detect, config=config),
        diagnose=diagnose("cash_reserve", partial(diagnosis, config=config)),
        needs=NEEDS,
        remediations=["remediate_notify_finance"],
        details={"wanted": partial(wanted, config=config)},
        keeps=("reserve_days",),
        depends_on=("check_ingest_success_rate", CASH),
        steps=[
            symptom("low"),
            looked_at("pace", asks={"Cash 30 days": "cash 30"}),
            looked_at("costs", asks={"Large costs": "outflows"}),
            looked_at("profit", asks={"Profit": "pnl"}),
            step("collect", asks={"Letter WB": "letter WB", "Letter Ozon": "letter OZON"}),
            step("spend"),
            step("team", does=["remediate_notify_finance"]),
            prevention("daily", schedule="brief"),
            prevention("terms", schedule="report_monthly"),
        ],
        **config.pace,
    )


async def detect(tools: Tools, at: Moment, *, config: Config) -> list[Reading]:
    found = await _last_balance(tools, at, config)
    if isinstance(found, Phrase):
        # The cash check is unknown for the same reason and is told of: one trouble, one ring.
        return [unknown(SUBJECT, found, idle=CASH not in at.off)]
    return [judge(found, await _flows(tools, found.day), at, config)]


async def wanted(_tools: Tools, _at: Moment, *, config: Config) -> Facts:
    """What `/cash` measures its reserve against."""
    return {"days": config.days}


async def diagnosis(tools: Tools, at: Moment, *, config: Config) -> Facts:
    rows = await _balance.read(tools, at)
    found = _balance.last(rows, at, config.stale_after_days)
    if isinstance(found, Phrase):
        raise Unreadable(found)
    flows = await _flows(tools, found.day)
    pace = cashflow.forecast(found.roubles, cashflow.by_day(flows), 0.0)
    return {
        "wanted_days": config.days,
        "reserve_days": pace.reserve_days if pace else None,
        "balance_rub": round(found.roubles, 2),
        "day": found.day.isoformat(),
        "days": pace.days if pace else 0,
        "marketplaces": _by_marketplace(flows),
        "weeks": _by_week(flows, found.day),
    }


async def _last_balance(tools: Tools, at: Moment, config: Config) -> Balance | Phrase:
    try:
        rows = await _balance.read(tools, at)
    except Unreadable as blind:
        if blind.source is not Source.CHECK:
            raise
        return blind.why
    return _balance.last(rows, at, config.stale_after_days)


async def _flows(tools: Tools, last: date) -> Sequence[Row]:
    """Four weeks of them, those that `/cash` looks at too."""
    await tools.shop.require(NEEDS)
    return await tools.shop.rows("answers/cash_flows.sql.j2", **owed.span(last))


def judge(balance: Balance, flows: Sequence[Row], at: Moment, config: Config) -> Reading:
    """`flows` by day and marketplace.

    Below the limit of the cash check, which tells of that, only what is open goes on firing.
    """
    pace = cashflow.forecast(balance.roubles, cashflow.by_day(flows), 0.0)
    is_open = SUBJECT in at.open
    if pace is None or pace.days < ENOUGH_DAYS:
        few = phrase("cash_reserve_few_days", days=pace.days if pace else 0, needed=ENOUGH_DAYS)
        return unknown(SUBJECT, few, idle=True)
    if pace.reserve_days is None:
        return unknown(SUBJECT, phrase("cash_reserve_nothing_out", days=pace.days), idle=True)
    limit = config.cf_negative_balance_alert_threshold
    if balance.roubles < limit and not is_open and CASH not in at.off:
        return unknown(SUBJECT, phrase("cash_reserve_under_limit", limit=limit), idle=True)
    facts = _facts(balance, pace, config)
    if pace.reserve_days < (config.clears_at if is_open else config.days):
        return fires(SUBJECT, Severity.WARNING, **facts)
    return ok(SUBJECT, **facts)


def _facts(balance: Balance, pace: Forecast, config: Config) -> dict[str, Json]:
    """`missing_rub`: what would have to come on top for the days that are wanted."""
    return {
        "reserve_days": pace.reserve_days,
        "wanted_days": config.days,
        "clears_at_days": config.clears_at,
        "balance_rub": round(balance.roubles, 2),
        "day": balance.day.isoformat(),
        "out_a_day_rub": pace.out_a_day,
        "net_a_day_rub": pace.net_a_day,
        "of_days": pace.days,
        "missing_rub": round(max(0.0, config.days * pace.out_a_day - balance.roubles), 2),
    }


def _by_marketplace(flows: Sequence[Row]) -> list[dict[str, str | float]]:
    """All of them are measured by the same days: their sum is what goes out."""
    days = len({str(row["day"]) for row in flows})
    found = _grouped((str(row["marketplace"]), row) for row in flows)
    return [{"name": name, **_a_day(rows, days)} for name, rows in sorted(found.items())]


def _by_week(flows: Sequence[Row], last: date) -> list[dict[str, str | float]]:
    """By the first day of each, newest first; a day without flows makes no week cheaper."""
    found = _grouped((_week_of(str(row["day"]), last), row) for row in flows)
    return [
        {"since": since, **_a_day(rows, len({str(row["day"]) for row in rows}))}
        for since, rows in sorted(found.items(), reverse=True)
    ]


def _week_of(text: str, last: date) -> str:
    weeks = (last - date.fromisoformat(text)).days // WEEK
    return (last - timedelta(days=WEEK * weeks + WEEK - 1)).isoformat()


def _grouped(pairs: Iterable[tuple[str, Row]]) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = defaultdict(list)
    for key, row in pairs:
        found[key].append(row)
    return found


def _a_day(rows: Sequence[Row], days: int) -> dict[str, float]:
    return {
        f"{way}_rub": round(fsum(roubles(row[f"{way}flow_rub"]) for row in rows) / days, 2)
        for way in ("in", "out")
    }
