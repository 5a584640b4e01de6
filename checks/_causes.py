"""Suggested causes of commission outliers, read from the shop's database."""

from bot.core.causes import Article, Cause, suggest
from bot.core.model import Facts, Json, Unreadable
from bot.core.tools import Tools
from checks._values import count, number, roubles

NEEDS = {"sku": ["id", "category"]}
ARTICLES = 3  # named of each group


async def read(tools: Tools, since: str, until: str) -> list[dict[str, Json]] | None:
    """As facts; None where the articles' categories cannot be read."""
    try:
        await tools.shop.require(NEEDS)
        rows = await tools.shop.rows(
            "commission_outliers/articles.sql.j2", since=since, until=until
        )
    except Unreadable:
        return None
    found = suggest(
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
        for one in found
    ]


def suggested(facts: Facts) -> list[Cause]:
    """The causes of the groups, each once, the most roubles at stake first."""
    groups = facts.get("causes")
    named = (
        [one["cause"] for one in groups if isinstance(one, dict)]
        if isinstance(groups, list)
        else []
    )
    return [Cause(one) for one in dict.fromkeys(map(str, named)) if one != Cause.UNCLEAR]
