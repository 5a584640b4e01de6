"""Requests that ended badly: a line of the latency card, never an alert of its own. Pure."""

import math
from collections.abc import Iterable
from typing import Final

from bot.core.model import Json
from bot.core.tools import Sample
from checks._traffic import Count

ERRORS: Final = "errors_total"


def timeouts(samples: Iterable[Sample]) -> float:
    """Timeouts ever, as the web API names its errors."""
    return sum(
        one.value
        for one in samples
        if one.name == ERRORS
        and "timeout" in one.labels.get("error_type", "").lower()
        and math.isfinite(one.value)
    )


def since(earlier: float | None, now: float | None) -> float | None:
    """What came in between; all of a counter that began anew. None: an older release's scrape."""
    if earlier is None or now is None:
        return None
    return now if now < earlier else now - earlier


def facts(errors: Count, timed_out: float | None) -> dict[str, Json]:
    """`failed` None: nothing counts them."""
    return {
        "failed": errors.hit if errors.of else None,
        "failed_pct": errors.pct,
        "timeouts": timed_out,
    }
