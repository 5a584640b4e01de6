"""SoVAni's own history of alerts and repairs: rows of ours in two of the shop's tables.

Neither table has a column that is unique for us, so a row is looked for before it is added, in
one transaction: by its time, by what it is about, and by a mark in one of its texts. Written
twice, or begun anew after a crash, it stays one row.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, Protocol

from bot.core.model import Row, Scalar, Unreadable, phrase
from bot.edges.shop import drift
from bot.edges.shop.threads import Stop, Threads

BUSY_SECONDS: Final = 1.0  # SoVAni's own writers come first: what waits is written later
SECONDS: Final = 5.0  # for one statement
ABOUT: Final = timedelta(seconds=1)  # a column may keep whole seconds only
_KEYS: Final = {
    "shop_locked": "mirror_locked",
    "shop_not_granted": "mirror_not_granted",
    "shop_query_refused": "mirror_refused",
    "shop_missing": "mirror_lacks",
    "shop_several_tenants": "mirror_tenants",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """One of the two tables; `may` are columns that an older release does not have."""

    name: str
    time: str
    marked: str  # the text with our mark in it
    same: Sequence[str]
    needs: Sequence[str]
    may: Sequence[str]


ALERTS: Final = Kept(
    name="ops_alerts_history",
    time="created_at",
    marked="extras_json",
    same=("source", "fingerprint"),
    needs=("created_at", "source", "severity", "message", "fingerprint", "extras_json"),
    may=("sent_to_chat_ids",),
)
RUNS: Final = Kept(
    name="ops_remediation_history",
    time="triggered_at",
    marked="details",
    same=("action_name",),
    needs=("triggered_at", "action_name", "status", "details"),
    may=("alert_id", "retry_count"),
)
NEEDS: Final = {one.name: ["id", *one.needs] for one in (ALERTS, RUNS)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One row of ours. `values` are all its columns but the time and `alert_id`.

    `ours` begins every mark of ours. What the shop itself has written down of the same between
    `at` and `until` is not written again; None: it writes down nothing of the kind. `about` is
    the alert's entry, whose row the column `alert_id` names.
    """

    table: Kept
    at: datetime
    mark: str
    values: Mapping[str, Scalar]
    ours: str = ""
    until: datetime | None = None
    about: "Entry | None" = None


class Session(Protocol):
    """One transaction that may write."""

    @property
    def dialect(self) -> str: ...

    def rows(self, statement: str, binds: Mapping[str, Scalar]) -> Sequence[Row]:
        """Carry out one statement; no rows where it answers none."""
        ...


class ShopHistory:
    """`session` opens a transaction, committed at its end; it raises `Unreadable`."""

    def __init__(
        self,
        session: Callable[[Stop], AbstractContextManager[Session]],
        *,
        sql: Callable[..., str],
    ) -> None:
        self._session, self._sql = session, sql
        self._threads = Threads("shop-history", workers=1)

    async def check(self) -> None:
        """Write nothing, and raise `Unreadable` where nothing could be written."""

        def work(stop: Stop) -> None:
            with self._session(stop) as session:
                columns = self._columns(session)
                for table in (ALERTS, RUNS):
                    names = [
                        one for one in (*table.needs, *table.may) if one in columns[table.name]
                    ]
                    for query in ("mirror/may_add.sql.j2", "mirror/may_set.sql.j2"):
                        self._run(session, query, {}, table=table.name, columns=names)

        await self._translated(work)

    async def write(self, entries: Iterable[Entry]) -> None:
        """Add or change these rows: all, or none and `Unreadable`."""

        def work(stop: Stop) -> None:
            found = list(entries)  # before anything is locked: making them takes a while
            with self._session(stop) as session:
                columns = self._columns(session)
                for entry in found:
                    self._put(session, entry, columns[entry.table.name])

        await self._translated(work)

    async def close(self) -> None:
        await self._threads.close()

    async def _translated(self, work: Callable[[Stop], None]) -> None:
        try:
            await self._threads.run(work, limit=BUSY_SECONDS + 2 * SECONDS)
        except Unreadable as error:
            key = _KEYS.get(error.why.key, error.why.key)
            raise Unreadable(phrase(key, **error.why.values), error.source) from error

    def _columns(self, session: Session) -> Mapping[str, set[str]]:
        """Read them anew: the shop may be of another release since."""
        found: dict[str, drift.Columns] = {}
        names: dict[str, set[str]] = {}
        for table in NEEDS:
            rows = self._run(session, "mirror/columns.sql.j2", {"table": table})
            names[table] = {str(row["name"]) for row in rows}
            if names[table]:
                found[table] = names[table]
        drift.judge(NEEDS, found)
        return names

    def _put(self, session: Session, entry: Entry, columns: set[str]) -> None:
        values = {name: one for name, one in entry.values.items() if name in columns}
        if entry.about is not None and "alert_id" in columns:
            alert = self._mine(entry.about, self._near(session, entry.about))
            values["alert_id"] = alert["id"] if alert else None
        near = self._near(session, entry, *values)
        mine = self._mine(entry, near)
        if mine is not None:
            if changed := {
                name: one for name, one in values.items() if not _same(mine[name], one)
            }:
                binds = {**changed, "id": mine["id"]}
                self._run(session, "mirror/set.sql.j2", binds, **_names(entry, changed))
        elif entry.until is None or all(entry.ours in _text(entry, row) for row in near):
            values[entry.table.time] = stamp(entry.at)
            self._run(session, "mirror/add.sql.j2", values, **_names(entry, values))

    @staticmethod
    def _mine(entry: Entry, near: Sequence[Row]) -> Row | None:
        return next((row for row in near if entry.mark in _text(entry, row)), None)

    def _near(self, session: Session, entry: Entry, *columns: str) -> Sequence[Row]:
        """What is there of the same thing at about the same time."""
        table = entry.table
        binds = {
            "since": stamp(entry.at - ABOUT),
            "until": stamp((entry.until or entry.at) + ABOUT),
            **{name: entry.values[name] for name in table.same},
        }
        return self._run(
            session,
            "mirror/found.sql.j2",
            binds,
            table=table.name,
            time=table.time,
            same=table.same,
            columns=columns or [table.marked],
        )

    def _run(
        self, session: Session, query: str, binds: Mapping[str, Scalar], **context: object
    ) -> Sequence[Row]:
        return session.rows(self._sql(query, dialect=session.dialect, **context), binds)


def stamp(at: datetime) -> str:
    """A time as SoVAni's tables hold it: UTC, naive, with microseconds."""
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S.%f}"


def _text(entry: Entry, row: Row) -> str:
    return str(row[entry.table.marked] or "")


def _same(kept: Scalar, value: Scalar) -> bool:
    return (kept is None) == (value is None) and str(kept) == str(value)


def _names(entry: Entry, values: Mapping[str, Scalar]) -> dict[str, object]:
    return {"table": entry.table.name, "columns": list(values)}
