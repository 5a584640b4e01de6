"""The week in numbers: growth, what is slow, and commissions that differ from the rules."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from bot.core.model import Json, Phrase, Row, Unreadable
from bot.core.question import Asking, Page
from bot.core.series import name_of
from bot.questions import _growth, _over_time
from bot.questions._values import count, number, rows

DAYS, CHART_DAYS = 7, 30
SHOWN = 10
STATEMENTS = 5
HOUR, A_DAY = 3600, 86_400
TABLES = name_of("check_db_growth", "tables:")
OUTLIERS = "check_commission_outliers"


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A number now and a week ago; None where it was not kept."""

    name: str
    now: float
    before: float | None

    @property
    def change(self) -> float | None:
        return None if self.before is None else self.now - self.before


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """One of PostgreSQL's, without its values; counted `since` its counters were cleared, UTC."""

    text: str
    calls: int
    mean_ms: float
    since: str


async def page(asking: Asking) -> Page:
    """Shown by `/report weekly`; what is sent on a schedule renders the same page."""
    growth = asking.book.runbooks["check_db_growth"]
    sizes = await _growth.sizes(asking, CHART_DAYS)
    limit, days_left, trouble = None, None, None
    try:
        facts = await growth.diagnose.read(asking.tools, asking.moment)
        limit, days_left = number(facts["limit_bytes"]), number(facts["days_to_limit"])
    except Unreadable as unreadable:
        trouble = unreadable.why
    slow, since, slow_trouble = await _slow(asking)
    tables = await _tables(asking)
    return Page(
        template="answers/report_weekly.html.j2",
        values={
            "first": (asking.moment.today - timedelta(days=DAYS)).isoformat(),
            "last": asking.moment.today.isoformat(),
            "size": changed("", sizes.values),
            "days_left": days_left,
            "trouble": trouble,
            "tables": tables[:SHOWN],
            "slow": slow[:SHOWN],
            "slow_since": since,
            "statements": await _statements(asking),
            "slow_trouble": slow_trouble,
            "at_stake": await _reconciled(asking, "at_stake_rub"),
            "outliers": await _reconciled(asking, "outliers"),
        },
        chart=_growth.drawn(sizes, CHART_DAYS, limit),
    )


def changed(name: str, values: Sequence[float]) -> Change | None:
    """The last known value against the one of a week before it, or the oldest since."""
    known = [(at, one) for at, one in enumerate(values) if math.isfinite(one)]
    if not known:
        return None
    last, now = known[-1]
    earlier = [one for at, one in known if last - DAYS <= at < last]
    return Change(name=name, now=now, before=earlier[0] if earlier else None)


async def _tables(asking: Asking) -> list[Change]:
    """Those that grew most in the week, as far as the sizes were kept."""
    until = asking.moment.now + timedelta(seconds=1)
    since = until - timedelta(days=DAYS + 1)
    names = await asking.store.read(
        lambda tx: sorted(tx.series.sums(TABLES, since=since, until=until))
    )
    found = []
    for name in names:
        kept = await _over_time.stretches(
            asking,
            f"{TABLES}{name}",
            _growth.SUBJECT,
            span=timedelta(days=DAYS + 1),
            seconds=HOUR,
        )
        line = _over_time.by_day(kept, asking.moment, DAYS + 1)
        if (one := changed(name, line.values)) and one.change:
            found.append(one)
    return sorted(found, key=lambda one: -(one.change or 0))


async def _slow(asking: Asking) -> tuple[list[Row], Json, Phrase | None]:
    """Of the week; with the time they are counted from, where it is not all of it."""
    latency = asking.book.runbooks["check_api_latency_p95"]
    try:
        facts = await latency.details["week"](asking.tools, asking.moment)
    except Unreadable as unreadable:
        return [], None, unreadable.why
    return rows(facts["endpoints"]), facts["since"], None


async def _statements(asking: Asking) -> list[Statement]:
    """Nothing where the shop is in SQLite, or its server has no pg_stat_statements for us."""
    try:
        found = await asking.tools.shop.rows("answers/statements.sql.j2", top=STATEMENTS)
    except Unreadable:
        return []
    return [
        Statement(
            text=" ".join(str(row["query"]).split()),
            calls=count(row["calls"]),
            mean_ms=number(row["mean_ms"]) or 0.0,
            since=str(row["since"]),
        )
        for row in found
    ]


async def _reconciled(asking: Asking, fact: str) -> list[Change]:
    """By marketplace, of the seven days before each look."""
    name = name_of(OUTLIERS, fact)
    subjects = await asking.store.read(lambda tx: list(tx.series.subjects(name)))
    found = []
    for subject in subjects:
        kept = await _over_time.stretches(
            asking, name, subject, span=timedelta(days=DAYS + 1), seconds=HOUR
        )
        line = _over_time.by_day(kept, asking.moment, DAYS + 1)
        if one := changed(subject, line.values):
            found.append(one)
    return found
