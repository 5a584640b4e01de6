"""The web API's counters and gauges, one name or all that have a word in it."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from bot.core.params import Param
from bot.core.question import Asking, Command, Page
from bot.core.tools import Sample

MOST_ROWS = 25
MOST_NAMES = 40
PARTS = ("_bucket", "_created")  # of a histogram: its count and sum say enough


@dataclass(frozen=True, slots=True)
class Row:
    name: str
    value: float | None


def command() -> Command:
    return Command(
        name="metrics",
        about="A number of the web API's /metrics, or the names there are",
        read=read,
        params=[
            Param(name="name", default="", pattern=r"[A-Za-z0-9_:]{0,80}", like="http_requests")
        ],
        place=57,
        runbooks=[1],
    )


async def read(asking: Asking) -> Page:
    name = asking.word("name")
    found = [one for one in await asking.tools.web.metrics(name) if _is_told(one, name)]
    names = sorted({one.name for one in found})
    chosen = names if len(names) == 1 else [one for one in names if one == name]
    table = rows([one for one in found if one.name in chosen])
    return Page(
        template="answers/metrics.html.j2",
        values={
            "name": chosen[0] if chosen else name,
            "rows": table[:MOST_ROWS],
            "more_rows": max(0, len(table) - MOST_ROWS),
            "names": [] if chosen else names[:MOST_NAMES],
            "more_names": 0 if chosen else max(0, len(names) - MOST_NAMES),
        },
    )


def _is_told(sample: Sample, asked: str) -> bool:
    return not sample.name.endswith(PARTS) or sample.name == asked


def rows(samples: Sequence[Sample]) -> list[Row]:
    """The largest first; what is no number is last."""
    found = [
        Row(
            name=" ".join(sample.labels.values()) or "all",
            value=sample.value if math.isfinite(sample.value) else None,
        )
        for sample in samples
    ]
    return sorted(found, key=lambda row: (row.value is None, -(row.value or 0), row.name))
