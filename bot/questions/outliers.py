"""Commissions that are off, worst first, with the roubles at stake."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from math import fsum

from bot.core import cause_reading
from bot.core.model import Moment, Phrase, Row, Unreadable
from bot.core.paging import turn
from bot.core.question import Asking, Command, Page, Param
from bot.core.tabular import IN_A_FILE
from bot.questions._doing import doing
from bot.questions._values import number, roubles, text

SIZE = 10
CAUSES = 5
DAYS = Param(name="days", default=7, low=1, high=90)


@dataclass(frozen=True, slots=True, kw_only=True)
class Market:
    """Rows that no rule covers are counted apart: they are neither right nor wrong."""

    name: str
    outliers: int
    at_stake_rub: float
    overcharged_rub: float
    judged: int
    without_rule: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    day: str
    marketplace: str
    article: str
    difference_rub: float
    difference_pct: float | None


def command() -> Command:
    return Command(
        name="outliers",
        about="Commissions that are off, worst first (7 days, or as many as you say)",
        read=read,
        params=[
            DAYS,
            Param(name="sku", default="", pattern=r"\S{1,60}", like="socks-7, or an article's id"),
        ],
        table=table,
        place=50,
        runbooks=[4],
    )


async def read(asking: Asking) -> Page:
    days = asking.number("days")
    await asking.tools.shop.require(asking.book.runbooks["check_commission_outliers"].needs)
    sku = asking.word("sku")
    sums = await asking.tools.shop.rows(
        "answers/outliers_sums.sql.j2", **window(asking.moment, days), sku=sku
    )
    markets = [market(row) for row in sums]
    total = sum(one.outliers for one in markets)
    page = turn(asking.page, total=total, size=SIZE)
    found = await rows(asking, days, top=SIZE, skip=page.skip) if total else []
    first = bool(total) and page.number == 1  # causes are told once
    causes, why = await _causes(asking, days, found) if first else ([], None)
    values = {
        "causes": causes[:CAUSES],
        "more_causes": max(0, len(causes) - CAUSES),
        "unexplained": why,
        "days": days,
        "markets": markets,
        "total": total,
        "at_stake_rub": fsum(one.at_stake_rub for one in markets),
        "page": page,
        "rows": [line(row) for row in found],
        "sku": sku,
    }
    turns = page.keys_through(f"outliers {days} {sku}".strip())
    finance = doing(asking, "remediate_notify_finance")
    return Page(
        template="answers/outliers.html.j2",
        values=values,
        keys=[row for row in (turns, finance) if row],
        files=bool(total),
    )


async def _causes(
    asking: Asking, days: int, found: Sequence[Row]
) -> tuple[Sequence[Mapping[str, object]], Phrase | None]:
    """Each group's suggested cause; of one article, those of the groups that it is in."""
    try:
        groups = await cause_reading.read(asking.tools.shop, **window(asking.moment, days))
    except Unreadable as unreadable:
        return [], unreadable.why
    if sku := asking.word("sku"):
        named = {sku, *(text(row["article"]) for row in found)}
        groups = [one for one in groups if not named.isdisjoint(one.articles)]
    return cause_reading.facts(groups), None


async def table(asking: Asking) -> Sequence[Row]:
    await asking.tools.shop.require(asking.book.runbooks["check_commission_outliers"].needs)
    return await rows(asking, asking.number("days"), top=IN_A_FILE)


def window(at: Moment, days: int) -> dict[str, str]:
    """Span whole business days, as the check does: today's sales and `days` before them."""
    return {
        "since": (at.today - timedelta(days=days)).isoformat(),
        "until": (at.today + timedelta(days=1)).isoformat(),
    }


async def rows(asking: Asking, days: int, *, top: int, skip: int = 0) -> Sequence[Row]:
    return await asking.tools.shop.rows(
        "answers/outliers.sql.j2",
        **window(asking.moment, days),
        sku=asking.word("sku"),
        top=top,
        skip=skip,
    )


def market(row: Row) -> Market:
    total, judged = roubles(row["total_rows"]), roubles(row["judged_rows"])
    return Market(
        name=text(row["marketplace"]),
        outliers=int(roubles(row["outliers"])),
        at_stake_rub=roubles(row["at_stake_rub"]),
        overcharged_rub=roubles(row["overcharged_rub"]),
        judged=int(judged),
        without_rule=int(total - judged),
    )


def line(row: Row) -> Line:
    return Line(
        day=text(row["day"]),
        marketplace=text(row["marketplace"]),
        article=text(row["article"]) or text(row["sku_id"]),
        difference_rub=roubles(row["difference_rub"]),
        difference_pct=number(row["difference_pct"]),
    )
