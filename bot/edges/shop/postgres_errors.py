"""What PostgreSQL says, in words for people."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from psycopg import errors
from psycopg.conninfo import conninfo_to_dict

from bot.core.model import Source, Unreadable, phrase
from bot.edges.shop import drift

_QUOTED = re.compile(r'["«](.+?)["»]')  # a server may speak another language than English
_DOTTED = re.compile(r"\b\w+\.\w+\b")
# A refused login carries no code, so it is known by its words, and in English alone.
_FULL = re.compile(r"too many (clients|connections)|connection slots are reserved")
_PASSWORD = re.compile(r"//[^/@\s]*@")


@contextmanager
def translated(conninfo: str, *, limit_seconds: float) -> Iterator[None]:
    """Turn whatever goes wrong with the server in the block into `Unreadable`."""
    address = server(conninfo)
    try:
        yield
    except errors.QueryCanceled as error:
        raise Unreadable(phrase("shop_too_slow", seconds=limit_seconds)) from error
    except psycopg.Error as error:
        raise unreadable(error, address) from error
    except TimeoutError as error:
        raise _down("shop_server_unreachable", address, "timeout") from error


def unreadable(error: psycopg.Error, address: str) -> Unreadable:
    words = error.diag.message_primary or ""
    match error:
        case errors.UndefinedTable():
            return drift.missing_table(_name(words))
        case errors.UndefinedColumn():
            return drift.missing_column(_name(words))
        case errors.InsufficientPrivilege():
            return Unreadable(phrase("shop_not_granted", detail=words))
        case errors.LockNotAvailable() | errors.DiskFull():
            full = isinstance(error, errors.DiskFull)
            return _down("shop_disk_full" if full else "shop_locked", address, words)
        case psycopg.OperationalError() | psycopg.InterfaceError():
            crowded = _FULL.search(str(error))
            key = "shop_no_more_connections" if crowded else "shop_server_unreachable"
            return _down(key, address, _first_line(error))
        case _:
            return Unreadable(phrase("shop_query_refused", detail=words or _first_line(error)))


def server(conninfo: str) -> str:
    """Show `host/database`, without user and password; raise `Unreadable` for nonsense."""
    try:
        parts = conninfo_to_dict(conninfo)
    except psycopg.ProgrammingError as error:
        # not chained: libpq's complaint repeats the address, and tracebacks get logged
        raise _down("shop_server_unreachable", "PostgreSQL", _first_line(error)) from None
    return f"{parts.get('host') or 'localhost'}/{parts.get('dbname') or ''}"


def _down(key: str, address: str, detail: str) -> Unreadable:
    return Unreadable(phrase(key, path=address, detail=detail), Source.SHOP_DATABASE)


def _name(words: str) -> str:
    found = _QUOTED.search(words)
    dotted = _DOTTED.search(words)
    return found[1] if found else dotted[0] if dotted else words


def _first_line(error: psycopg.Error) -> str:
    """Cut to one line without the password: libpq repeats an address that it cannot read."""
    lines = str(error).splitlines() or [type(error).__name__]
    return _PASSWORD.sub("//…@", lines[0])
