"""Numbers over time: which facts of a round are kept, and what a stretch of them holds. Pure.

A series is one number of one subject: `check_db_growth.total_bytes` of "shop database". A fact
that is itself a mapping ({"0.5": 12, "+Inf": 14}) makes one series for each of its keys,
`check_api_latency_p95.buckets:0.5`. How a round went is kept as `check_….status`: 1 well, 0
firing, no number where it was unknown. A round that could not look says so of every subject that
the last one knew.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final

from bot.core.model import Json, Reading, Status

STATUS: Final = "status"
MOST_OF_A_ROUND: Final = 200  # a check that goes mad must not fill the disk
LONGEST_NAME: Final = 120


@dataclass(frozen=True, slots=True)
class Sample:
    """One number; None: it was looked for, and is not known."""

    name: str
    subject: str
    value: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """What was kept of one series between `at` and `at` + the width asked for.

    `rounds` looked, `known` of them had a number; `mean` and `top` are of those.
    """

    at: int  # seconds since 1970, UTC
    rounds: int
    known: int
    mean: float | None
    top: float | None

    @property
    def total(self) -> float:
        return 0.0 if self.mean is None else self.mean * self.known


def name_of(check: str, fact: str = STATUS) -> str:
    return f"{check}.{fact}"


def of_round(check: str, keeps: Sequence[str], readings: Sequence[Reading]) -> list[Sample]:
    """The status of each subject, and the facts of those that were seen."""
    found = (sample for one in readings for sample in _of_reading(check, keeps, one))
    return list(islice(found, MOST_OF_A_ROUND))


def of_blind_round(check: str, subjects: Sequence[str]) -> list[Sample]:
    return [Sample(name_of(check), subject, None) for subject in subjects[:MOST_OF_A_ROUND]]


def _of_reading(check: str, keeps: Sequence[str], reading: Reading) -> Iterator[Sample]:
    well = {Status.OK: 1.0, Status.FIRING: 0.0, Status.UNKNOWN: None}[reading.status]
    yield Sample(name_of(check), reading.subject[:LONGEST_NAME], well)
    for fact in keeps:
        for suffix, value in _numbers(reading.facts.get(fact)):
            name = f"{name_of(check, fact)}{suffix}"
            yield Sample(name[:LONGEST_NAME], reading.subject[:LONGEST_NAME], value)


def _numbers(value: Json) -> Iterator[tuple[str, float]]:
    if isinstance(value, Mapping):
        parts = {f":{key}": part for key, part in value.items()}
    else:
        parts = {"": value}
    for suffix, part in parts.items():
        if isinstance(part, int | float) and math.isfinite(part):
            yield suffix, float(part)
