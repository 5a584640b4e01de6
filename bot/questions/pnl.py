"""Profit and loss by day, and against the same time before."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from math import fsum

from bot.core.cashflow import trend
from bot.core.columns import Column, Kind
from bot.core.model import Row, Scalar, Unreadable, phrase
from bot.core.params import days
from bot.core.question import Asking, Command, Page
from bot.core.tabular import table_page
from bot.questions._values import number

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
    """One line of the summary, of the days that are known; None: of none.

    `change_pct` is against the days before.
    """

    name: str
    rub: float | None
    change_pct: float | None
    unknown: int


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
            "span": len(now),
            "margin_pct": margin_of(now),
            "margin_before_pct": margin_of(before),
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
    """What is no number is not known: a day whose profit is missing has not earned nothing."""
    amounts = {name: _known(row[name]) for name in FIELDS}
    return {
        "day": row["day"],
        **amounts,
        "margin_pct": margin(amounts["profit_rub"], amounts["revenue_rub"]),
    }


def margin(profit: float | None, revenue: float | None) -> float | None:
    if profit is None or revenue is None:
        return None
    return round(100 * profit / revenue, 1) if revenue > 0 else None


def margin_of(rows: Sequence[Row]) -> float | None:
    """Of the days whose profit and revenue are known."""
    both = [
        row for row in rows if row["profit_rub"] is not None and row["revenue_rub"] is not None
    ]
    return margin(_sum(both, "profit_rub"), _sum(both, "revenue_rub"))


def sums(now: Sequence[Row], before: Sequence[Row]) -> list[Sum]:
    """Nothing is compared with days that are not all there."""
    whole = len(before) >= len(now)
    lines = []
    for name in FIELDS:
        unknown = _unknown(now, name)
        compared = whole and not unknown and not _unknown(before, name)
        lines.append(
            Sum(
                name=name.removesuffix("_rub"),
                rub=_sum(now, name) if unknown < len(now) else None,
                change_pct=trend(_sum(now, name), _sum(before, name)) if compared else None,
                unknown=unknown,
            )
        )
    return lines


def _unknown(rows: Sequence[Row], name: str) -> int:
    return sum(1 for row in rows if row[name] is None)


def _sum(rows: Sequence[Row], name: str) -> float:
    return round(fsum(number(row[name]) or 0.0 for row in rows), 2)


def _known(value: Scalar) -> float | None:
    found = number(value)
    return None if found is None else round(found, 2)
