"""What a PostgreSQL database is made of, and how it would answer, without running anything."""

import re
from collections.abc import Mapping
from typing import Final, LiteralString

import psycopg
from psycopg.rows import TupleRow

from bot.core.model import Scalar
from bot.core.tools import ColumnInfo, IndexInfo, PlanStep, TableInfo

Connection = psycopg.AsyncConnection[TupleRow]
_TABLES: LiteralString = """
    SELECT c.relname, c.relkind = 'v', c.reltuples::bigint,
        CASE WHEN c.relkind = 'v' THEN NULL ELSE pg_total_relation_size(c.oid) END
    FROM pg_class c
    WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND pg_table_is_visible(c.oid)
        AND c.relnamespace NOT IN ('pg_catalog'::regnamespace, 'information_schema'::regnamespace)
    ORDER BY c.relname
"""
_COLUMNS: LiteralString = """
    SELECT a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull,
        COALESCE(array_position(i.indkey::smallint[], a.attnum), -1)
    FROM pg_attribute a LEFT JOIN pg_index i ON i.indrelid = a.attrelid AND i.indisprimary
    WHERE a.attrelid = to_regclass(quote_ident(%s)) AND a.attnum > 0 AND NOT a.attisdropped
    ORDER BY a.attnum
"""
_INDEXES: LiteralString = """
    SELECT c.relname, i.indisunique,
        ARRAY(SELECT COALESCE(a.attname, '(…)')
            FROM unnest(i.indkey::smallint[]) WITH ORDINALITY AS k(num, at)
            LEFT JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.num AND k.num > 0
            ORDER BY k.at)
    FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
    WHERE i.indrelid = to_regclass(quote_ident(%s)) ORDER BY c.relname
"""
_STEP: Final = re.compile(r"(?P<indent>\s*)(?:->\s+)?(?P<text>.*)")
_COST: Final = re.compile(r"\s*\(cost=\S+ rows=(\d+) width=\d+\)")


async def plan(
    connection: Connection, statement: str, binds: Mapping[str, Scalar]
) -> list[PlanStep]:
    """EXPLAIN without ANALYZE: the statement is planned, never run."""
    cursor = await connection.execute(f"EXPLAIN {statement}".encode(), dict(binds))
    return [step(str(row[0])) for row in await cursor.fetchall()]


def step(line: str) -> PlanStep:
    found = _STEP.match(line)
    assert found is not None  # noqa: S101  # the pattern takes everything
    text = _COST.sub(r" (about \1 rows)", found["text"])
    # 2 columns for the first level and 6 for each one below it
    depth = (len(found["indent"]) + 4) // 6
    return PlanStep(
        depth=depth, text=text, scan=text.startswith(("Seq Scan", "Parallel Seq Scan"))
    )


async def tables(connection: Connection) -> list[TableInfo]:
    cursor = await connection.execute(_TABLES)
    return [
        TableInfo(
            name=name,
            view=view,
            rows=None if view or rows < 0 else rows,  # below zero: never analysed
            size_bytes=size,
        )
        for name, view, rows, size in await cursor.fetchall()
    ]


async def columns(connection: Connection, name: str) -> list[ColumnInfo]:
    cursor = await connection.execute(_COLUMNS, [name])
    return [
        ColumnInfo(name=column, type=kind, required=required, key=at + 1)
        for column, kind, required, at in await cursor.fetchall()
    ]


async def indexes(connection: Connection, name: str) -> list[IndexInfo]:
    cursor = await connection.execute(_INDEXES, [name])
    return [
        IndexInfo(name=index, unique=unique, columns=list(parts))
        for index, unique, parts in await cursor.fetchall()
    ]
