"""A SQLite connection that can do nothing but read, and not for long.

No single setting is enough: `query_only` alone still lets ATTACH create a file and can be
switched off again; `mode=ro` alone still lets `VACUUM INTO` write another one.
"""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path

from bot.core.model import Source, Unreadable, phrase
from bot.edges.shop.log_files import would_lock_out_the_shop
from bot.edges.shop.threads import Stop

READ_ONLY_PRAGMAS = frozenset(
    {"freelist_count", "page_count", "page_size", "schema_version", "journal_mode"}
)
PRAGMAS_OF_A_TABLE = frozenset({"table_info", "table_xinfo", "index_list", "index_info"})
FORBIDDEN_FUNCTIONS = frozenset(
    {"load_extension", "readfile", "writefile", "edit", "randomblob", "zeroblob", "fts3_tokenizer"}
)
LONGEST_VALUE = 10_000_000  # bytes; a file with larger values is not a shop's
LONGEST_STATEMENT = 100_000
STEPS_BETWEEN_LOOKS = 20_000  # a scan of 10 million rows shows no cost at this figure


@contextmanager
def reading(path: Path, *, busy_seconds: float) -> Iterator[sqlite3.Connection]:
    """Open a file that exists, read-only; it is never created (`strict`).

    Raises `Unreadable` where even reading would get in the shop's way.
    """
    resolved = path.resolve(strict=True)
    if would_lock_out_the_shop(resolved):
        raise Unreadable(phrase("shop_log_of_another", path=str(path)), Source.SHOP_DATABASE)
    uri = resolved.as_uri() + "?mode=ro"
    with closing(
        sqlite3.connect(
            uri,
            uri=True,
            timeout=busy_seconds,
            isolation_level=None,
            check_same_thread=False,
            cached_statements=0,
        )
    ) as connection:
        connection.text_factory = partial(str, encoding="utf-8", errors="replace")
        for pragma in ("query_only=1", "trusted_schema=0", "cell_size_check=1"):
            connection.execute(f"PRAGMA {pragma}")
        connection.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)
        connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, LONGEST_VALUE)
        connection.setlimit(sqlite3.SQLITE_LIMIT_SQL_LENGTH, LONGEST_STATEMENT)
        connection.set_authorizer(_allow)
        yield connection


@contextmanager
def bounded(connection: sqlite3.Connection, stop: Stop, *, seconds: float) -> Iterator[None]:
    """Interrupt what runs in the block after `seconds`, or when asked to stop."""
    end = time.monotonic() + seconds
    connection.set_progress_handler(
        lambda: stop.asked or time.monotonic() > end, STEPS_BETWEEN_LOOKS
    )
    # interrupt() reaches the few operations that never call the progress handler
    with stop.interrupts(connection):
        yield


def _allow(
    action: int, first: str | None, second: str | None, _database: str | None, _trigger: str | None
) -> int:
    return sqlite3.SQLITE_OK if _only_reads(action, first, second) else sqlite3.SQLITE_DENY


def _only_reads(action: int, first: str | None, second: str | None) -> bool:
    if action == sqlite3.SQLITE_FUNCTION:
        return (second or "").lower() not in FORBIDDEN_FUNCTIONS
    if action == sqlite3.SQLITE_PRAGMA:
        name = (first or "").lower()
        return name in PRAGMAS_OF_A_TABLE or (name in READ_ONLY_PRAGMAS and second is None)
    return action in {sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_RECURSIVE}
