"""The size of the shop's database by day, as a chart: of `/db` and of the weekly report."""

from datetime import timedelta

from bot.core.model import phrase
from bot.core.question import Asking, Chart
from bot.core.series import name_of
from bot.questions import _over_time
from bot.questions._over_time import Line

CHECK, SUBJECT = "check_db_growth", "shop database"
MEGA = 1e6
NEAR = 0.5  # of the limit; a line far below would only be pressed flat by it
FEWEST = 2


async def sizes(asking: Asking, days: int) -> Line:
    """Bytes at the end of each day; NaN where nothing was kept."""
    found = await _over_time.stretches(
        asking, name_of(CHECK, "total_bytes"), SUBJECT, span=timedelta(days=days), seconds=3600
    )
    return _over_time.by_day(found, asking.moment, days)


async def chart(asking: Asking, days: int, limit_bytes: float | None = None) -> Chart | None:
    """None where fewer than two days are known."""
    return drawn(await sizes(asking, days), days, limit_bytes)


def drawn(line: Line, days: int, limit_bytes: float | None = None) -> Chart | None:
    if line.known < FEWEST:
        return None
    largest = max(one for one in line.values if one == one)  # noqa: PLR0124  # NaN is not itself
    near = limit_bytes is not None and largest >= NEAR * limit_bytes
    return Chart(
        title=phrase("chart_growth", days=days),
        unit="MB",
        days=line.places,
        lines={"chart_size": [one / MEGA for one in line.values]},
        limit=limit_bytes / MEGA if limit_bytes is not None and near else None,
    )
