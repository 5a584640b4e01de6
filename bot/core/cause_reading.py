"""Suggested causes of commission outliers, read from the shop's database."""

from collections.abc import Sequence
from typing import Final

from bot.core.causes import Article, Group, suggest
from bot.core.model import Json
from bot.core.tools import ShopDatabase
from bot.core.values import count, number, roubles

NEEDS: Final = {"sku": ["id", "category"]}
ARTICLES: Final = 3  # named of each group


async def read(shop: ShopDatabase, since: str, until: str) -> list[Group]:
    """Raise `Unreadable` where the articles' categories cannot be read."""
    await shop.require(NEEDS)
    rows = await shop.rows("commission_outliers/articles.sql.j2", since=since, until=until)
    return suggest(
        Article(
            marketplace=str(row["marketplace"]),
            category=str(row["category"] or ""),
            article=str(row["article"] or row["sku_id"]),
            sales=count(row["sales"]),
            judged=count(row["judged"]),
            off=count(row["off_rows"]),
            low_pct=number(row["low_pct"]) or 0.0,
            high_pct=number(row["high_pct"]) or 0.0,
            stake_rub=roubles(row["stake_rub"]),
            over_rub=roubles(row["over_rub"]),
        )
        for row in rows
    )


def facts(groups: Sequence[Group]) -> list[dict[str, Json]]:
    """As cards and answers are told them."""
    return [
        {
            "cause": one.cause.value,
            "marketplace": one.marketplace,
            "category": one.category,
            "count": len(one.articles),
            "articles": list(one.articles[:ARTICLES]),
            "stake_rub": one.stake_rub,
            "shift_pct": one.shift_pct,
        }
        for one in groups
    ]
