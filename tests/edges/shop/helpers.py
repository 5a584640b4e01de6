"""Real files to ask, and the words people would read."""

import asyncio
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from bot.core.model import Phrase, Unreadable
from bot.core.runbook import ActionFailed
from bot.edges.shop.limits import Limits
from bot.edges.shop.sqlite import SqliteShop

ROOT = Path(__file__).parents[3]
PHRASES = Environment(
    loader=FileSystemLoader(ROOT / "templates" / "phrases"),
    undefined=StrictUndefined,
    autoescape=True,
)
PHRASES.filters |= dict.fromkeys(("dur", "local", "num", "size"), str)

SHOP = """
    CREATE TABLE daily_sales (id INTEGER PRIMARY KEY, d DATE, qty INTEGER, revenue_gross REAL);
    CREATE INDEX ix_daily_sales_d ON daily_sales (d);
    CREATE VIEW vw_sales AS SELECT d, sum(qty) AS qty FROM daily_sales GROUP BY d;
    INSERT INTO daily_sales (d, qty, revenue_gross)
    VALUES ('2026-11-20', 2, 200.5), ('2026-11-21', 3, 300), ('2026-11-22', 5, 500);
"""
FREE_HALF = """
    CREATE TABLE kept (x); CREATE TABLE dropped (x);
    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {rows})
    INSERT INTO kept SELECT hex(randomblob(1500)) FROM n;
    INSERT INTO dropped SELECT x FROM kept;
    DROP TABLE dropped;
"""


def build(path: Path, script: str = SHOP, *, wal: bool = False) -> Path:
    with closing(sqlite3.connect(path)) as connection:
        if wal:
            connection.execute("PRAGMA journal_mode = wal")
        connection.executescript(script)
    return path


def bloated(path: Path, *, rows: int = 300, wal: bool = False) -> Path:
    return build(path, SHOP + FREE_HALF.format(rows=rows), wal=wal)


def as_named(statement: str, **_context: object) -> str:
    """Stand in for the templates: the name is the statement."""
    return statement


def shop_at(path: Path, limits: Limits | None = None) -> SqliteShop:
    return SqliteShop(path, sql=as_named, limits=limits or Limits())


@contextmanager
def held(path: Path, statement: str) -> Iterator[sqlite3.Connection]:
    """Keep another connection open in the middle of something."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute(statement)
        yield connection


def words(outcome: Unreadable | ActionFailed | Phrase) -> str:
    """Render what people read; a missing phrase or value fails the test."""
    phrase = outcome if isinstance(outcome, Phrase) else outcome.why
    template = PHRASES.get_template("shop.html.j2")
    block = template.blocks[phrase.key]
    return "".join(block(template.new_context(dict(phrase.values))))


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def log_bytes(file: Path) -> int:
    return Path(f"{file}-wal").stat().st_size


async def until(condition: Callable[[], bool]) -> None:
    while not condition():  # noqa: ASYNC110  # it becomes true in a thread, which sets no event
        await asyncio.sleep(0)
