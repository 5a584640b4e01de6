"""What the rounds of the checks have seen, and what is remembered between them."""

from sqlalchemy import JSON, Boolean, Column, Float, ForeignKey, Index, Integer, String, Table

from bot.edges.store.schema.base import UtcTime, metadata

checks = Table(
    "checks",
    metadata,
    Column("name", String, primary_key=True),
    Column("status", String, nullable=False),
    Column("since", UtcTime, nullable=False),
    Column("round_at", UtcTime, nullable=False),
    Column("ok_at", UtcTime),
    Column("unknown_rounds", Integer, nullable=False),
    Column("idle", Boolean, nullable=False),
    Column("source", String, nullable=False),
    Column("why", JSON),
)

# In the order in which the check gave them.
readings = Table(
    "readings",
    metadata,
    Column("check", ForeignKey("checks.name"), primary_key=True),
    Column("place", Integer, primary_key=True, autoincrement=False),
    Column("reading", JSON, nullable=False),
    sqlite_with_rowid=False,
)

memory = Table(
    "memory",
    metadata,
    Column("key", String, primary_key=True),
    Column("value", JSON, nullable=False),
    Column("at", UtcTime, nullable=False),
)

series_names = Table(
    "series_names",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", String, nullable=False),
    Column("subject", String, nullable=False),
    Index("one_series", "name", "subject", unique=True),
)

# A quarter of a million rows: no row ids, no names and no text times in them. `at` is in seconds
# since 1970, UTC; `seconds` says how wide a stretch the row sums up.
series = Table(
    "series",
    metadata,
    Column("series_id", ForeignKey("series_names.id"), primary_key=True, autoincrement=False),
    Column("seconds", Integer, primary_key=True, autoincrement=False),
    Column("at", Integer, primary_key=True, autoincrement=False),
    Column("rounds", Integer, nullable=False),
    Column("known", Integer, nullable=False),
    Column("mean", Float),
    Column("top", Float),
    sqlite_with_rowid=False,
)
