"""Prometheus, where latency comes from it: that it answers and has the histogram."""

from collections.abc import Sequence
from typing import Final

from bot.core.histogram import BUCKET_METRIC
from bot.core.model import Unreadable, phrase
from bot.core.tools import Sample
from bot.doctor import Case, Result, fine, ill, skipped, uneasy
from bot.edges.http import Limits
from bot.edges.prometheus import PrometheusServer

NUMBER: Final = 90
WHAT: Final = phrase("doctor_prometheus")


async def examine(case: Case) -> Sequence[Result]:
    if case.settings.prometheus_url is None:
        return [skipped(WHAT, phrase("doctor_unset", name="PROMETHEUS_URL"))]
    server = PrometheusServer(
        case.settings.prometheus_url, limits=Limits(seconds=2 * case.seconds)
    )
    try:
        return [judge(await server.query(f"count({BUCKET_METRIC})"))]
    except Unreadable as failure:
        return [ill(WHAT, failure.why, phrase("doctor_mend_prometheus"))]
    finally:
        await server.aclose()


def judge(samples: Sequence[Sample]) -> Result:
    if not samples:
        none = phrase("doctor_metrics_none", metric=BUCKET_METRIC)
        return uneasy(WHAT, none, phrase("doctor_mend_prometheus_empty"))
    return fine(WHAT, phrase("doctor_prometheus_fine", series=round(samples[0].value)))
