"""What is older than it has to be kept, and what it takes; nothing is deleted by looking."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Final

from bot.core.keyboard import Keys
from bot.core.model import Row, Unreadable
from bot.core.question import Asking, Command, Page
from bot.core.retention import TABLES, Keep, Old
from bot.core.tools import TableInfo
from bot.questions._doing import doing
from bot.questions._values import count

MOST: Final = 5_000_000  # rows that are counted: a second or two of an index
ARCHIVE: Final = "remediate_archive"


def command() -> Command:
    return Command(
        name="retention",
        about="What is older than RETENTION_DAYS: rows and size by table; Archive moves it away",
        read=read,
        table=table,
        runbooks=[5],
        needs={"daily_sales": ["d"]},
        place=69,
    )


async def read(asking: Asking) -> Page:
    found = await look(asking)
    return Page(
        template="answers/retention.html.j2",
        values={"tables": found},
        keys=_keys(asking, found),
        files=bool(found),
    )


async def table(asking: Asking) -> Sequence[Row]:
    return [
        {
            "table": one.keep.table,
            "keep_days": one.keep.days,
            "older_than": one.before.isoformat(),
            "rows": None if one.why else one.rows,
            "or_more": one.capped,
            "about_bytes": None if one.why else int(one.bytes),
            "oldest": one.first,
        }
        for one in await look(asking)
    ]


async def look(asking: Asking) -> list[Old]:
    """Each table of the setting; one that cannot be read hides no other."""
    keeps = asking.book.policy.retention
    sizes = {one.name: one for one in await asking.tools.shop.tables()} if keeps else {}
    return list(await asyncio.gather(*(_old(asking, one, sizes) for one in keeps)))


async def _old(asking: Asking, keep: Keep, sizes: Mapping[str, TableInfo]) -> Old:
    known, before = TABLES[keep.table], keep.before(asking.moment.today)
    try:
        await asking.tools.shop.require({keep.table: [known.column]})
        rows = await asking.tools.shop.rows(
            f"retention/{keep.table}.sql.j2", before=before.isoformat(), top=MOST
        )
    except Unreadable as unreadable:
        return Old(keep=keep, before=before, why=unreadable.why)
    found = count(rows[0]["row_count"]) if rows else 0
    first = rows[0]["first_day"] if rows else None
    return Old(
        keep=keep,
        before=before,
        rows=found,
        capped=found >= MOST,
        bytes=found * _row_bytes(sizes.get(keep.table), known.row_bytes),
        first=str(first)[:10] if first is not None else None,
    )


def _row_bytes(known: TableInfo | None, usual: int) -> float:
    """What a row takes: as the database says, where it says so at no cost (PostgreSQL)."""
    if known is None or not known.rows or known.size_bytes is None:
        return usual
    return known.size_bytes / known.rows


def _keys(asking: Asking, found: Sequence[Old]) -> Keys:
    """`Archive` proposes; its own guard wants another person's yes."""
    old = [one for one in found if one.archived and one.rows]
    rows = [doing(asking, ARCHIVE, str(one.keep.days)) for one in old]
    return [row for row in rows if row]
