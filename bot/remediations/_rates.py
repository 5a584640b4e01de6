"""What the change of a commission rate and its undo share."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Final

from bot.core.job import Job
from bot.core.model import Row
from bot.core.tools import ActionTools

LOCK: Final = "commission rules"
NEEDS: Final = {
    "commission_rules": [
        "id",
        "marketplace",
        "category",
        "rate_pct",
        "fixed_per_unit",
        "effective_from",
        "effective_until",
        "updated_at",
    ],
    "sku": ["id", "marketplace", "category"],
    "daily_sales": ["d", "sku_id", "revenue_gross", "refunds_amount"],
}
EFFECT_DAYS: Final = 30
RECON_DAYS: Final = 7


async def rules(tools: ActionTools, marketplace: str, category: str) -> Sequence[Row]:
    """All rules of a category, whatever its letters' case, the newest first."""
    rows = await tools.shop.rows("remediations/rate_rules.sql.j2", marketplace=marketplace)
    wanted = category.casefold()  # SQLite's LOWER knows no letter beyond ASCII
    return [row for row in rows if str(row["category"]).casefold() == wanted]


async def outliers(tools: ActionTools, marketplace: str, category: str, today: date) -> int:
    """Outliers of the category in the last week, as the check counts them."""
    rows = await tools.shop.rows(
        "remediations/rate_outliers.sql.j2",
        marketplace=marketplace,
        category=category,
        since=(today - timedelta(days=RECON_DAYS)).isoformat(),
        until=today.isoformat(),
    )
    return int(rows[0]["outliers"] or 0)


def stamp(job: Job) -> str:
    return job.moment.now.strftime("%Y-%m-%d %H:%M:%S")


def day(value: object) -> str:
    """A date as text, whichever way the database keeps it."""
    return str(value)[:10]
