"""What `/metrics` shows, put together from its parts."""

from collections.abc import Callable, Sequence
from datetime import timedelta

from bot.commands.build import Parts
from bot.core.model import Moment
from bot.core.slo import Level
from bot.core.slo_report import SloReport
from bot.edges.clock import utc_now
from bot.edges.exposition import Exposition

SLO_DAYS = 7


async def exposed(parts: Parts, undelivered: Callable[[], int]) -> Exposition:
    """Begin to count."""
    report = SloReport(
        book=parts.book,
        tools=parts.tools,
        store=parts.store,
        interval=timedelta(seconds=parts.settings.check_interval_sec),
    )

    async def levels() -> Sequence[Level]:
        at = Moment(now=utc_now(), zone=parts.settings.zone)
        return await report.levels(at, at.today - timedelta(days=SLO_DAYS - 1), at.today)

    exposition = Exposition(
        metrics=parts.metrics,
        store=parts.store,
        levels=levels,
        clock=utc_now,
        undelivered=undelivered,
    )
    await exposition.begin()
    return exposition
