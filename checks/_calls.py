"""Calls to the marketplaces' APIs between two rounds, from SoVAni's own counter."""

import math
from collections.abc import Iterable, Mapping
from typing import Final

from pydantic import BaseModel, TypeAdapter

from bot.core.model import Unreadable
from bot.core.tools import Sample, Tools
from checks._memory import recall, remember

METRIC: Final = "external_api_requests_total"
LAST: Final = "ingest_success_rate:calls"
FAILURES: Final = frozenset({"error", "failed", "failure", "timeout"})
HTTP_FAILURE: Final = 400
TOO_MANY: Final = "429"


class Calls(BaseModel, frozen=True):
    total: float = 0.0
    failed: float = 0.0
    limited: float = 0.0  # answered with 429


_SHAPE: Final = TypeAdapter(dict[str, Calls])


async def since_last_round(tools: Tools) -> dict[str, Calls]:
    """By service in capitals ("WB"); empty where the counter cannot be read, or not yet.

    The sales decide whether they came in; this only helps to see why they did not.
    """
    try:
        now = counted(await tools.web.scrape([METRIC]))
    except Unreadable:
        return {}
    earlier = await recall(tools.memory, LAST, _SHAPE, {})
    await remember(tools.memory, LAST, _SHAPE, now)
    return between(earlier, now)


def counted(samples: Iterable[Sample]) -> dict[str, Calls]:
    found: dict[str, Calls] = {}
    for sample in samples:
        if not math.isfinite(sample.value):
            continue
        service = sample.labels.get("service", "").upper()
        before = found.get(service, Calls())
        status = sample.labels.get("status", "")
        found[service] = Calls(
            total=before.total + sample.value,
            failed=before.failed + (sample.value if _is_failure(status) else 0.0),
            limited=before.limited + (sample.value if status == TOO_MANY else 0.0),
        )
    return found


def between(earlier: Mapping[str, Calls], now: Mapping[str, Calls]) -> dict[str, Calls]:
    """Count what came since; a counter that went back began anew and counts in full."""
    return {name: _minus(now[name], earlier[name]) for name in now if name in earlier}


def _minus(later: Calls, earlier: Calls) -> Calls:
    if later.total < earlier.total or later.failed < earlier.failed:
        return later
    return Calls(
        total=later.total - earlier.total,
        failed=later.failed - earlier.failed,
        limited=max(0.0, later.limited - earlier.limited),
    )


def _is_failure(status: str) -> bool:
    """Read an HTTP status or a word: both are in use."""
    if status.isdecimal():
        return int(status) >= HTTP_FAILURE
    return status.lower() in FAILURES
