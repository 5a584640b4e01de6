"""The watched database, SQLite or PostgreSQL: questions to it, and its maintenance."""

from collections.abc import Callable
from typing import Protocol

from bot.core.tools import ShopDatabase, ShopEdits, ShopMaintenance, ShopStorage
from bot.edges.shop.address import PostgresServer, SqliteFile, parse
from bot.edges.shop.edits import SqliteEdits
from bot.edges.shop.history import ShopHistory
from bot.edges.shop.limits import Limits
from bot.edges.shop.maintenance import SqliteMaintenance
from bot.edges.shop.no_driver import (
    NoDriver,
    NoDriverEdits,
    NoDriverMaintenance,
    no_driver_sessions,
)
from bot.edges.shop.sqlite import SqliteShop
from bot.edges.shop.sqlite_history import sqlite_sessions


class OpenShop(ShopDatabase, ShopStorage, Protocol):
    async def close(self) -> None: ...


class OpenMaintenance(ShopMaintenance, Protocol):
    async def close(self) -> None: ...


class OpenEdits(ShopEdits, Protocol):
    async def close(self) -> None: ...


def open_shop(
    url: str,
    *,
    sql: Callable[..., str],
    statement_seconds: float = 5.0,
    busy_seconds: float = 1.5,
    max_rows: int = 20_000,
) -> OpenShop:
    """Choose by SoVAni's `DATABASE_URL`; nothing is opened before the first question.

    `sql(name, dialect=…)` renders a SQL template. Raises `ValueError` for an address that is
    neither SQLite nor PostgreSQL.
    """
    limits = Limits(
        statement_seconds=statement_seconds, busy_seconds=busy_seconds, max_rows=max_rows
    )
    match parse(url):
        case SqliteFile(path):
            return SqliteShop(path, sql=sql, limits=limits)
        case PostgresServer(conninfo):
            try:
                from bot.edges.shop.postgres import PostgresShop  # noqa: PLC0415  # an extra
            except ImportError:
                return NoDriver()
            return PostgresShop(conninfo, sql=sql, limits=limits)


def open_maintenance(url: str) -> OpenMaintenance:
    """Give remediations writing access; a connection lives only within one of its calls."""
    match parse(url):
        case SqliteFile(path):
            return SqliteMaintenance(path)
        case PostgresServer(conninfo):
            try:
                from bot.edges.shop.postgres_maintenance import (  # noqa: PLC0415  # an extra
                    PostgresMaintenance,
                )
            except ImportError:
                return NoDriverMaintenance()
            return PostgresMaintenance(conninfo)


def open_edits(url: str, *, sql: Callable[..., str]) -> OpenEdits:
    """Give remediations the right to change rows; a connection lives only within one call."""
    match parse(url):
        case SqliteFile(path):
            return SqliteEdits(path, sql=sql)
        case PostgresServer(conninfo):
            try:
                from bot.edges.shop.postgres_edits import PostgresEdits  # noqa: PLC0415  # an extra
            except ImportError:
                return NoDriverEdits()
            return PostgresEdits(conninfo, sql=sql)


def open_history(url: str, *, sql: Callable[..., str]) -> ShopHistory:
    """Give the mirror of our history its two tables; a connection lives only within one call."""
    match parse(url):
        case SqliteFile(path):
            return ShopHistory(sqlite_sessions(path), sql=sql)
        case PostgresServer(conninfo):
            try:
                from bot.edges.shop.postgres_history import (  # noqa: PLC0415  # an extra
                    postgres_sessions,
                )
            except ImportError:
                return ShopHistory(no_driver_sessions, sql=sql)
            return ShopHistory(postgres_sessions(conninfo, sql=sql), sql=sql)
