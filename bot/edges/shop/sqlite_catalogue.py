"""What a SQLite file is made of, and how it would answer; none of it reads a table's rows."""

import re
import sqlite3
from collections.abc import Mapping
from typing import Final

from bot.core.model import Scalar
from bot.core.tools import ColumnInfo, IndexInfo, PlanStep, TableInfo

_OWN: Final = re.compile(r"(?:CO-ROUTINE|MATERIALIZE|LIST SUBQUERY|SCALAR SUBQUERY) (\S+)")
_SCAN: Final = re.compile(r"SCAN (?:TABLE )?(\S+)")


def plan(
    connection: sqlite3.Connection, statement: str, binds: Mapping[str, Scalar]
) -> list[PlanStep]:
    rows = connection.execute(f"EXPLAIN QUERY PLAN {statement}", dict(binds)).fetchall()
    depths: dict[int, int] = {0: -1}
    own = {found[1] for row in rows if (found := _OWN.match(row[3]))}
    steps = []
    for number, parent, _, detail in rows:
        depths[number] = depths.get(parent, -1) + 1
        steps.append(PlanStep(depth=depths[number], text=detail, scan=_scans(detail, own)))
    return steps


def _scans(detail: str, own: set[str]) -> bool:
    """Whether a whole table or index is read; results of the statement's own are none."""
    found = _SCAN.match(detail)
    if found is None or detail == "SCAN CONSTANT ROW" or "VIRTUAL TABLE" in detail:
        return False
    return found[1] not in own and not found[1].startswith("(")


def tables(connection: sqlite3.Connection) -> list[TableInfo]:
    rows = connection.execute(
        "SELECT name, type FROM sqlite_master WHERE type IN ('table', 'view')"
        " AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name"
    ).fetchall()
    return [
        TableInfo(name=name, view=kind == "view", rows=_about(connection, name, kind))
        for name, kind in rows
    ]


def _about(connection: sqlite3.Connection, name: str, kind: str) -> int | None:
    """The span of row numbers, two look-ups of an index: a table's rows are never counted."""
    if kind == "view":
        return None
    table = quoted(name)
    try:
        row = connection.execute(
            f"SELECT (SELECT MAX(rowid) FROM {table}) - (SELECT MIN(rowid) FROM {table}) + 1"  # noqa: S608  # a name of the catalogue, quoted
        ).fetchone()
    except sqlite3.OperationalError:  # WITHOUT ROWID, or a virtual table
        return None
    return int(row[0] or 0)


def columns(connection: sqlite3.Connection, name: str) -> list[ColumnInfo]:
    rows = connection.execute(f"PRAGMA table_xinfo({quoted(name)})").fetchall()
    return [
        ColumnInfo(name=row[1], type=row[2], required=bool(row[3]), key=row[5]) for row in rows
    ]


def indexes(connection: sqlite3.Connection, name: str) -> list[IndexInfo]:
    found = connection.execute(f"PRAGMA index_list({quoted(name)})").fetchall()
    return [
        IndexInfo(
            name=row[1],
            unique=bool(row[2]),
            columns=[
                part[2] or "(…)"  # an expression has no name
                for part in connection.execute(f"PRAGMA index_info({quoted(row[1])})")
            ],
        )
        for row in sorted(found, key=lambda one: str(one[1]))
    ]


def quoted(name: str) -> str:
    escaped = name.replace('"', '""')
    return f'"{escaped}"'
