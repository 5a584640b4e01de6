"""What a shop's cash does next, and why it went: pure arithmetic on days."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import fsum
from statistics import fmean, median
from typing import Final

from bot.core.model import Row
from bot.core.values import roubles

USUAL_DAYS: Final = 28  # four weeks: every weekday counts four times
MUCH: Final = 1.5  # times the usual: a cost worth a look
ENOUGH_DAYS: Final = 7  # before the last one, to say what is usual
COSTS: Final = ("commissions", "delivery", "promo", "refunds", "writeoffs")
LATE_FROM: Final = 0.1  # a smaller part of what was expected is noise, not a delay


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """At the pace of the last weeks. `days_left`: until the limit; None: never at this pace.

    `reserve_days`: for how many usual days the balance pays; None: nothing goes out.
    """

    net_a_day: float
    out_a_day: float
    days_left: int | None
    reserve_days: int | None
    days: int  # how many days it rests on


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One kind of cost on the last day, and its usual amount; None: too few days tell."""

    name: str
    last_rub: float
    usual_rub: float | None

    @property
    def times(self) -> float | None:
        """How many times the usual; None: usually there is none, or it is not known."""
        return self.last_rub / self.usual_rub if self.usual_rub and self.usual_rub > 0 else None

    @property
    def much(self) -> bool:
        return self.times is not None and self.times >= MUCH


@dataclass(frozen=True, slots=True, kw_only=True)
class Delay:
    """A marketplace owes payouts that are due; `days` is for how many days of sales."""

    marketplace: str
    days: int
    missing_rub: float


def forecast(
    balance: float, flows: Mapping[str, tuple[float, float]], limit: float
) -> Forecast | None:
    """`flows` are (net, outflow) by day; days without flows are left out by the caller."""
    if not flows:
        return None
    net = fmean(one[0] for one in flows.values())
    out = fmean(one[1] for one in flows.values())
    left = None
    if net < 0:
        left = max(0, int((balance - limit) / -net))
    reserve = max(0, int(balance / out)) if out > 0 else None
    return Forecast(
        net_a_day=round(net, 2),
        out_a_day=round(out, 2),
        days_left=left,
        reserve_days=reserve,
        days=len(flows),
    )


def by_day(flows: Iterable[Row]) -> dict[str, tuple[float, float]]:
    """(net, outflow) of all marketplaces together."""
    found: dict[str, tuple[float, float]] = {}
    for row in flows:
        net, out = found.get(str(row["day"]), (0.0, 0.0))
        found[str(row["day"])] = net + roubles(row["net_rub"]), out + roubles(row["outflow_rub"])
    return found


def contributions(days: Sequence[Mapping[str, float]]) -> list[Part]:
    """Costs by kind, oldest day first; the last day against the median of those before it."""
    if not days:
        return []
    *before, last = days
    told = len(before) >= ENOUGH_DAYS
    parts = [
        Part(
            name=name,
            last_rub=amount,
            usual_rub=median(one.get(name, 0.0) for one in before) if told else None,
        )
        for name, amount in last.items()
    ]
    return sorted(parts, key=lambda one: one.last_rub - (one.usual_rub or 0), reverse=True)


def total(days: Sequence[Mapping[str, float]]) -> Part | None:
    """All costs of the last day together; None: too few days to say what is usual."""
    if len(days) <= ENOUGH_DAYS:
        return None
    *before, last = (fsum(one.values()) for one in days)
    return Part(name="all", last_rub=round(last, 2), usual_rub=round(median(before), 2))


def delay(marketplace: str, expected: Sequence[float], received: Sequence[float]) -> Delay | None:
    """Compare payouts that were due with what came in over the same days, oldest first.

    What is missing is put on the latest days: marketplaces pay in order.
    """
    due = fsum(expected)
    missing = due - fsum(received)
    if due <= 0 or missing < LATE_FROM * due:
        return None
    days, covered = 0, 0.0
    for one in reversed(expected):
        if covered >= missing:
            break
        days, covered = days + 1, covered + max(0.0, one)
    return Delay(marketplace=marketplace, days=days, missing_rub=round(missing, 2))


def trend(now: float, before: float) -> float | None:
    """Change in percent against the time before; None: there is nothing to compare with."""
    return None if not before else 100 * (now - before) / abs(before)
