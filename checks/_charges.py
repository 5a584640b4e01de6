"""Charges that were not there before: a kind of them, or a category that pays a commission.

SoVAni keeps no list of charges; what is new is seen against the four weeks before the window.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, timedelta
from math import fsum
from typing import Final

from bot.core.model import Row, Scalar, Unreadable
from bot.core.tools import Tools
from checks._values import count, roubles

BEFORE: Final = timedelta(days=28)
NEEDS: Final = {
    "sku": ["id", "marketplace", "category"],
    "daily_sales": ["d", "sku_id", "commission_amount", "delivery_cost", "promo_cost"],
}
KINDS: Final = ("commissions", "delivery", "promo")

Charge = dict[str, Scalar]


async def read(tools: Tools, since: str, until: str) -> list[Charge] | None:
    """As facts, those with the most roubles first; None where they cannot be read."""
    before = (date.fromisoformat(since) - BEFORE).isoformat()
    try:
        await tools.shop.require(NEEDS)
        rows = await tools.shop.rows(
            "commission_outliers/charges.sql.j2", before=before, since=since, until=until
        )
    except Unreadable:
        return None
    return new(rows)


def new(rows: Sequence[Row]) -> list[Charge]:
    """`rows` by marketplace and category. A marketplace without a past has nothing new."""
    shops: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        shops[str(row["marketplace"])].append(row)
    found = [
        one
        for name, mine in shops.items()
        if any(count(row["sales_before"]) for row in mine)
        for one in (*_kinds(name, mine), *_categories(name, mine))
    ]
    return sorted(found, key=lambda one: -roubles(one["rub"]))


def _kinds(marketplace: str, rows: Sequence[Row]) -> list[Charge]:
    """Kinds that nobody was charged for before."""
    return [
        _charge(marketplace, kind, "", fsum(roubles(row[f"{kind}_rub"]) for row in rows))
        for kind in KINDS
        if not any(count(row[f"{kind}_before"]) for row in rows)
        and any(count(row[f"{kind}_now"]) for row in rows)
    ]


def _categories(marketplace: str, rows: Sequence[Row]) -> list[Charge]:
    """Categories that paid no commission before, where others did."""
    if not any(count(row["commissions_before"]) for row in rows):
        return []
    return [
        _charge(marketplace, "category", str(row["category"] or ""), row["commissions_rub"])
        for row in rows
        if not count(row["commissions_before"]) and count(row["commissions_now"])
    ]


def _charge(marketplace: str, kind: str, category: str, rub: Scalar) -> Charge:
    return {"marketplace": marketplace, "kind": kind, "category": category, "rub": roubles(rub)}
