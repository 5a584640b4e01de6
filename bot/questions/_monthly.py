"""The month in numbers: days from sale to payout, incidents and how they were answered."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from math import fsum
from statistics import median

from bot.core.keyboard import Key
from bot.core.model import Phrase, Row, Severity, Unreadable
from bot.core.payout import Lag, lag
from bot.core.question import Asking, Page
from bot.core.records import Life
from bot.core.verbs import Verb
from bot.questions import _past, _rate_changes
from bot.questions._values import roubles

DAYS, MONEY_DAYS = 30, 90
RATES = 4  # changes of commission rates that are told one by one
NEEDS = {
    "daily_sales": ["d", "sku_id", "revenue_gross"],
    "sku": ["id", "marketplace"],
    "cashflow_daily": ["d", "marketplace", "inflow"],
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Payout:
    """`lag` None: payouts do not follow the sales clearly enough to tell."""

    marketplace: str
    sales_rub: float
    inflow_rub: float
    lag: Lag | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Incidents:
    by_severity: Sequence[tuple[Severity, int]]
    by_check: Sequence[tuple[str, int]]
    total: int
    still_open: int
    median_sec: float | None  # from the opening to the end


async def page(asking: Asking) -> Page:
    """Shown by `/report monthly`; what is sent on a schedule renders the same page."""
    start = asking.moment.now - timedelta(days=DAYS)
    alerts = await _past.lives(asking.store, start)
    found = await _past.answers(asking.store, start)
    paid, trouble = await _payouts(asking)
    rates, unread = await _rate_changes.read(asking, DAYS)
    return Page(
        template="answers/report_monthly.html.j2",
        values={
            "days": DAYS,
            "money_days": MONEY_DAYS,
            "payouts": paid,
            "trouble": trouble,
            "incidents": incidents(alerts),
            "found": found,
            "book": asking.book,
            "rates": rates[:RATES],
            "rates_total": len(rates),
            "rates_undone": sum(1 for one in rates if one.undone_by),
            "rates_unread": unread,
        },
        keys=[_rate_keys()] if rates else [],
    )


def _rate_keys() -> list[Key]:
    """The log of the month, and the same as a file."""
    return [
        Key("Rate changes", Verb.ASK, f"rulelog {DAYS}"),
        Key("Rate changes XLSX", Verb.ASK, f"export xlsx rulelog {DAYS}"),
    ]


async def _payouts(asking: Asking) -> tuple[list[Payout], Phrase | None]:
    first = asking.moment.today - timedelta(days=MONEY_DAYS)
    window = {"since": first.isoformat(), "until": asking.moment.today.isoformat()}
    try:
        await asking.tools.shop.require(NEEDS)
        sales = await asking.tools.shop.rows("answers/report_sales.sql.j2", **window)
        flows = await asking.tools.shop.rows("answers/cash_flows.sql.j2", **window)
    except Unreadable as unreadable:
        return [], unreadable.why
    return payouts(sales, flows, first, MONEY_DAYS), None


def payouts(sales: Sequence[Row], flows: Sequence[Row], first: date, days: int) -> list[Payout]:
    names = sorted({str(row["marketplace"]) for row in sales})
    began = {name: _began(sales, name, first, days) for name in names}
    return [
        Payout(
            marketplace=name,
            sales_rub=fsum(sold),
            inflow_rub=fsum(paid),
            lag=lag(sold[began[name] :], paid[began[name] :]),
        )
        for name in names
        for sold in [_by_day(sales, name, "sales_rub", first, days)]
        for paid in [_by_day(flows, name, "inflow_rub", first, days)]
    ]


def _began(sales: Sequence[Row], marketplace: str, first: date, days: int) -> int:
    """The day of the first sale: nothing follows from the time before it, which is all noughts."""
    sold = _by_day(sales, marketplace, "sales_rub", first, days)
    return next((at for at, amount in enumerate(sold) if amount), days)


def _by_day(
    rows: Sequence[Row], marketplace: str, key: str, first: date, days: int
) -> list[float]:
    sums = {
        str(row["day"]): roubles(row[key]) for row in rows if row["marketplace"] == marketplace
    }
    return [sums.get((first + timedelta(days=n)).isoformat(), 0.0) for n in range(days)]


def incidents(alerts: Sequence[Life]) -> Incidents:
    severities = Counter(alert.severity for alert in alerts)
    lengths = [
        (alert.resolved_at - alert.opened_at).total_seconds()
        for alert in alerts
        if alert.resolved_at is not None
    ]
    return Incidents(
        by_severity=[(one, severities[one]) for one in reversed(Severity) if severities[one]],
        by_check=Counter(alert.check for alert in alerts).most_common(6),
        total=len(alerts),
        still_open=sum(1 for alert in alerts if alert.resolved_at is None),
        median_sec=median(lengths) if lengths else None,
    )
