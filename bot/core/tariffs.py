"""The commissions that Wildberries publishes, beside the rules of the shop. Pure, and a port."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final, Protocol

from bot.core.markets import Answer, Verdict

SAME: Final = 0.0005  # per cent; `/rate` takes three digits
TOP_PCT: Final = 100.0  # neither this nor 0 is ever proposed


@dataclass(frozen=True, slots=True, kw_only=True)
class Tariff:
    """Of one subject, such as "Socks" of the parent category "Clothing"."""

    parent: str
    subject: str
    rate_pct: float


@dataclass(frozen=True, slots=True, kw_only=True)
class TariffList:
    """`column` is the way of selling that it is for; `unread`: subjects without a number there."""

    at: datetime
    column: str
    tariffs: Sequence[Tariff]
    unread: int = 0


class Tariffs(Protocol):
    async def commissions(self) -> TariffList | Answer:
        """What Wildberries takes now, kept for an hour; or the answer that says why not."""
        ...


@dataclass(frozen=True, slots=True)
class NoTariffs:
    """Nobody can be asked; in tests, what they say."""

    found: TariffList | Answer | None = None

    async def commissions(self) -> TariffList | Answer:
        return self.found or Answer(at=datetime.min, verdict=Verdict.UNSET)  # noqa: DTZ901  # no moment


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A rule of the shop. `open`: no last day is set; `now`: it holds today."""

    category: str
    rate_pct: float | None
    since: str
    open: bool
    now: bool = True


class Fit(StrEnum):
    DIFFERS = "differs"
    SPREAD = "several tariffs"  # of the subjects of one parent: a person has to choose
    UNKNOWN = "no tariff of that name"
    SAME = "same"


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    rule: Rule
    fit: Fit
    low_pct: float | None = None
    high_pct: float | None = None
    proposable: bool = False  # `/rate` with the tariff, from today on, would be taken

    @property
    def gap_pct(self) -> float:
        """How much more than the rule the tariff is; less is negative."""
        return 0.0 if self.low_pct is None else self.low_pct - (self.rule.rate_pct or 0.0)

    @property
    def rate(self) -> str:
        """The tariff as `/rate` is told it."""
        return spelled(self.low_pct or 0.0)


def spelled(rate_pct: float) -> str:
    """Up to three digits after the point, and none that say nothing."""
    return f"{rate_pct:.3f}".rstrip("0").rstrip(".")


def read(answer: Mapping[str, Any], column: str) -> tuple[list[Tariff], int] | None:
    """The tariffs, and how many subjects have none; None where it is no list of tariffs."""
    report = answer.get("report")
    if not isinstance(report, list):
        return None
    found, unread = [], 0
    for one in report:
        rate = _rate(one.get(column)) if isinstance(one, dict) else None
        if rate is None:
            unread += 1
            continue
        parent, subject = str(one.get("parentName") or ""), str(one.get("subjectName") or "")
        found.append(Tariff(parent=parent, subject=subject, rate_pct=rate))
    return found, unread


def _rate(value: object) -> float | None:
    """A number that can be a commission; JSON's `true` and `NaN` are none."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if 0 <= value <= TOP_PCT else None


def compare(rules: Sequence[Rule], tariffs: Sequence[Tariff], today: str) -> list[Compared]:
    """Match each rule that holds today by its category's name, whatever its letters' case.

    What differs comes first, the widest gap before the others.
    """
    by_name = _by_name(tariffs)
    opened = Counter(_folded(one.category) for one in rules if one.open)
    found = [
        _compared(
            rule,
            by_name.get(_folded(rule.category)),
            changeable=_changeable(rule, opened[_folded(rule.category)], today),
        )
        for rule in rules
        if rule.now
    ]
    order = list(Fit)
    return sorted(found, key=lambda one: (order.index(one.fit), -abs(one.gap_pct)))


def _by_name(tariffs: Sequence[Tariff]) -> Mapping[str, tuple[float, float]]:
    """The lowest and the highest tariff under each name, of a subject or of a parent."""
    found: dict[str, tuple[float, float]] = {}
    for one in tariffs:
        for name in {_folded(one.parent), _folded(one.subject)} - {""}:
            low, high = found.get(name, (one.rate_pct, one.rate_pct))
            found[name] = (min(low, one.rate_pct), max(high, one.rate_pct))
    return found


def _folded(name: str) -> str:
    return " ".join(name.casefold().split())


def _changeable(rule: Rule, opened: int, today: str) -> bool:
    """What `/rate` wants: the only open rule, begun before today, of a name that can be typed."""
    typed = " ".join(rule.category.split())
    return rule.open and opened == 1 and rule.since < today and rule.category == typed


def _compared(rule: Rule, span: tuple[float, float] | None, *, changeable: bool) -> Compared:
    if span is None:
        return Compared(rule=rule, fit=Fit.UNKNOWN)
    low, high = span
    if high - low > SAME:
        return Compared(rule=rule, fit=Fit.SPREAD, low_pct=low, high_pct=high)
    same = rule.rate_pct is not None and abs(low - rule.rate_pct) <= SAME
    return Compared(
        rule=rule,
        fit=Fit.SAME if same else Fit.DIFFERS,
        low_pct=low,
        high_pct=high,
        proposable=changeable and not same and 0 < low < TOP_PCT,
    )
