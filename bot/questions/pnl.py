"""Profit and loss by day, and against the same time before."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from math import fsum

from bot.core.cashflow import trend
from bot.core.columns import Column, Kind
from bot.core.model import Row, Unreadable, phrase
from bot.core.params import days
from bot.core.question import Asking, Command, Page
from bot.core.tabular import table_page
from bot.questions._values import roubles

NEEDS = {"pnl_daily": ["d", "revenue_net", "cogs", "commissions", "gross_profit"]}
FIELDS = ("revenue_rub", "cogs_rub", "commissions_rub", "profit_rub")
COLUMNS = [
    Column("day", "Day", Kind.DATE),
    Column("revenue_rub", "Revenue", Kind.MONEY),
    Column("profit_rub", "Profit", Kind.MONEY),
    Column("margin_pct", "Margin", Kind.PERCENT),
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sum:
    """One line of the summary. `change_pct` is against the days before."""

    name: str
    rub: float
    change_pct: float | None


def command() -> Command:
    return Command(
        name="pnl",
        about="Profit and loss: revenue, goods, commissions, profit, margin (7 days)",
        read=read,
        table=table,
        params=[days()],
        runbooks=[3],
        needs=NEEDS,
        place=42,
    )


async def read(asking: Asking) -> Page:
    span = asking.number("days")
    now, before = halves(await _rows(asking, 2 * span), asking.moment.today, span)
    if not now:
        raise Unreadable(phrase("pnl_nothing", days=span))
    shown = table_page(asking, asking.commands["pnl"], title="", columns=COLUMNS, rows=now)
    return Page(
        template="answers/pnl.html.j2",
        values={
            **shown.values,
            "days": span,
            "sums": sums(now, before),
            "margin_pct": margin(_sum(now, "profit_rub"), _sum(now, "revenue_rub")),
            "margin_before_pct": margin(_sum(before, "profit_rub"), _sum(before, "revenue_rub")),
        },
        keys=shown.keys,
    )


async def table(asking: Asking) -> Sequence[Row]:
    return [known(row) for row in await _rows(asking, asking.number("days"))]


async def _rows(asking: Asking, span: int) -> Sequence[Row]:
    """The newest first: today, which is not over, is left out of every comparison."""
    await asking.tools.shop.require(NEEDS)
    today = asking.moment.today
    return await asking.tools.shop.rows(
        "answers/pnl.sql.j2",
        since=(today - timedelta(days=span)).isoformat(),
        until=today.isoformat(),
    )


def halves(rows: Sequence[Row], today: date, span: int) -> tuple[list[Row], list[Row]]:
    """The last `span` days and as many before them."""
    first = (today - timedelta(days=span)).isoformat()
    known_rows = [known(row) for row in rows]
    now = [row for row in known_rows if str(row["day"]) >= first]
    return now, [row for row in known_rows if str(row["day"]) < first]


def known(row: Row) -> Row:
    amounts = {name: roubles(row[name]) for name in FIELDS}
    return {
        "day": row["day"],
        **amounts,
        "margin_pct": margin(amounts["profit_rub"], amounts["revenue_rub"]),
    }


def margin(profit: float, revenue: float) -> float | None:
    return round(100 * profit / revenue, 1) if revenue > 0 else None


def sums(now: Sequence[Row], before: Sequence[Row]) -> list[Sum]:
    """Nothing is compared with days that are not all there."""
    whole = len(before) >= len(now)
    return [
        Sum(
            name=name.removesuffix("_rub"),
            rub=_sum(now, name),
            change_pct=trend(_sum(now, name), _sum(before, name)) if whole else None,
        )
        for name in FIELDS
    ]


def _sum(rows: Sequence[Row], name: str) -> float:
    return round(fsum(roubles(row[name]) for row in rows), 2)
