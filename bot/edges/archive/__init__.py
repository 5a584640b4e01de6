"""Old rows of the shop in files: written, compared, then removed in batches; and put back."""

from collections.abc import Callable
from pathlib import Path

from bot.edges.archive.moving import Moving
from bot.edges.archive.no_driver_rows import NoDriverRows
from bot.edges.archive.rows import ShopRows
from bot.edges.archive.sqlite_rows import SqliteRows
from bot.edges.archive.work import FileArchive
from bot.edges.shop.address import PostgresServer, SqliteFile, parse


def open_archive(url: str, folder: Path, *, sql: Callable[..., str]) -> FileArchive:
    """Choose by SoVAni's `DATABASE_URL`; nothing is opened, and no folder made, before its time.

    `sql(name, dialect=…)` renders a SQL template.
    """
    match parse(url):
        case SqliteFile(path):
            return FileArchive(Moving(rows=SqliteRows(path, sql=sql)), folder, shop=path.name)
        case PostgresServer(conninfo):
            return FileArchive(
                Moving(rows=_on_a_server(conninfo, sql)), folder, shop=_name(conninfo)
            )


def _on_a_server(conninfo: str, sql: Callable[..., str]) -> ShopRows:
    try:
        from bot.edges.archive.postgres_rows import PostgresRows  # noqa: PLC0415  # an extra
    except ImportError:
        return NoDriverRows()
    return PostgresRows(conninfo, sql=sql)


def _name(conninfo: str) -> str:
    """The database's name, without user, password and server."""
    return conninfo.partition("?")[0].rpartition("/")[2]
