"""Numbers over time: a row a minute at most, then a row an hour, then nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import (
    ColumnElement,
    Connection,
    Float,
    Integer,
    bindparam,
    case,
    delete,
    exists,
    func,
    literal,
    select,
)
from sqlalchemy.dialects.sqlite import Insert, insert

from bot.core.series import Sample, Stretch
from bot.edges.store.schema import series, series_names

RAW: Final = 60  # seconds: two rounds within a minute share a row, however fast they come
HOUR: Final = 3600
RAW_FOR: Final = timedelta(days=35)
HOURS_FOR: Final = timedelta(days=400)
BATCH: Final = 2000  # rows that one transaction of `shrink` takes away, or about so many

ROW, NAMES = series.c, series_names.c
COLUMNS = ("series_id", "seconds", "at", "rounds", "known", "mean", "top")


def _merged(new: Insert) -> Insert:
    """Two rows of one stretch become one: means weigh by what they are made of."""
    more = new.excluded
    known = ROW.known + more.known
    total = func.coalesce(ROW.mean, 0) * ROW.known + func.coalesce(more.mean, 0) * more.known
    return new.on_conflict_do_update(
        index_elements=["series_id", "seconds", "at"],
        set_={
            "mean": case((known > 0, total / known)),
            "top": func.max(func.coalesce(ROW.top, more.top), func.coalesce(more.top, ROW.top)),
            "rounds": ROW.rounds + more.rounds,
            "known": known,
        },
    )


def _slot(width: object) -> ColumnElement[int]:
    """The stretch a row belongs to; SQLite divides whole numbers into whole numbers."""
    return ROW.at - ROW.at % width


_SUMMED = (
    func.sum(ROW.rounds),
    func.sum(ROW.known),
    func.sum(ROW.mean * ROW.known) / func.nullif(func.sum(ROW.known), 0),
    func.max(ROW.top),
)
_MINE = ROW.series_id == bindparam("wanted")
_BOTH = ROW.seconds.in_([RAW, HOUR])  # named, so that the whole key is used
_BETWEEN = (ROW.at >= bindparam("since"), ROW.at < bindparam("until"))
_UNTIL = ROW.at < bindparam("until")

_NAME = insert(series_names).on_conflict_do_nothing()
_NEW = select(
    NAMES.id,
    literal(RAW),
    bindparam("minute", type_=Integer),
    literal(1),
    bindparam("is_known", type_=Integer),
    bindparam("value", type_=Float),
    bindparam("value", type_=Float),
).where(NAMES.name == bindparam("name"), NAMES.subject == bindparam("subject"))
_KEEP = _merged(insert(series).from_select(COLUMNS, _NEW))
_START = _slot(bindparam("width", type_=Integer)).label("start")
_STRETCHES = (
    select(_START, *_SUMMED).where(_MINE, _BOTH, *_BETWEEN).group_by("start").order_by("start")
)
_SUMS = (
    select(NAMES.name, func.sum(ROW.mean * ROW.known))
    .join(series, (ROW.series_id == NAMES.id) & _BOTH & _BETWEEN[0] & _BETWEEN[1])
    .where(NAMES.name >= bindparam("first"), NAMES.name < bindparam("beyond"))
    .group_by(NAMES.name)
)
_HOUR = _slot(literal(HOUR)).label("hour")
_SUM_UP = _merged(
    insert(series).from_select(
        COLUMNS,
        select(ROW.series_id, literal(HOUR), _HOUR, *_SUMMED)
        .where(_MINE, ROW.seconds == RAW, _UNTIL)
        .group_by(ROW.series_id, "hour"),
    )
)
_FORGET = delete(series).where(_MINE, ROW.seconds == bindparam("width"), _UNTIL)
_OLDEST = select(func.min(ROW.at)).where(_MINE, ROW.seconds == bindparam("width"))
_FORGET_NAMES = delete(series_names).where(~exists().where(ROW.series_id == NAMES.id))


@dataclass(frozen=True, slots=True)
class SqlSeries:
    connection: Connection

    def keep(self, samples: Sequence[Sample], now: datetime) -> None:
        at = int(now.timestamp()) // RAW * RAW
        rows = [
            {
                "name": one.name,
                "subject": one.subject,
                "minute": at,
                "is_known": int(one.value is not None),
                "value": one.value,
            }
            for one in samples
        ]
        if rows:
            names = [{"name": one.name, "subject": one.subject} for one in samples]
            self.connection.execute(_NAME, names)
            self.connection.execute(_KEEP, rows)

    def stretches(
        self, name: str, subject: str, *, since: datetime, until: datetime, seconds: int
    ) -> Sequence[Stretch]:
        found = self._known(name, subject)
        if found is None:
            return []
        rows = self.connection.execute(
            _STRETCHES,
            {"wanted": found, "width": seconds, **_between(since, until)},
        )
        return [
            Stretch(at=start, rounds=rounds, known=known, mean=mean, top=top)
            for start, rounds, known, mean, top in rows
        ]

    def sums(self, prefix: str, *, since: datetime, until: datetime) -> Mapping[str, float]:
        names = {"first": prefix, "beyond": prefix[:-1] + chr(ord(prefix[-1]) + 1)}
        rows = self.connection.execute(_SUMS, {**names, **_between(since, until)})
        return {name.removeprefix(prefix): total for name, total in rows if total is not None}

    def subjects(self, name: str) -> Sequence[str]:
        query = select(NAMES.subject).where(NAMES.name == name).order_by(NAMES.id)
        return list(self.connection.execute(query).scalars())

    def shrink(self, now: datetime) -> int:
        """Takes an hour of one series at a time, so that no batch is large."""
        raw_until = int((now - RAW_FOR).timestamp()) // HOUR * HOUR
        hours_until = int((now - HOURS_FOR).timestamp()) // HOUR * HOUR
        gone = 0
        for series_id in self.connection.execute(select(NAMES.id)).scalars().all():
            while gone < BATCH and (start := self._oldest(series_id, RAW)) is not None:
                until = min(start // HOUR * HOUR + HOUR, raw_until)
                if start >= until:
                    break
                binds = {"wanted": series_id, "until": until}
                self.connection.execute(_SUM_UP, binds)
                gone += self.connection.execute(_FORGET, {**binds, "width": RAW}).rowcount
            if gone < BATCH:
                gone += self._forget_hours(series_id, hours_until)
        return gone or self.connection.execute(_FORGET_NAMES).rowcount

    def _forget_hours(self, series_id: int, until: int) -> int:
        start = self._oldest(series_id, HOUR)
        if start is None or start >= until:
            return 0
        until = min(until, start + BATCH * HOUR)
        binds = {"wanted": series_id, "width": HOUR, "until": until}
        return self.connection.execute(_FORGET, binds).rowcount

    def _oldest(self, series_id: int, seconds: int) -> int | None:
        found: int | None = self.connection.execute(
            _OLDEST, {"wanted": series_id, "width": seconds}
        ).scalar_one()
        return found

    def _known(self, name: str, subject: str) -> int | None:
        query = select(NAMES.id).where(NAMES.name == name, NAMES.subject == subject)
        found: int | None = self.connection.execute(query).scalar_one_or_none()
        return found


def _between(since: datetime, until: datetime) -> dict[str, int]:
    return {"since": int(since.timestamp()), "until": int(until.timestamp())}
