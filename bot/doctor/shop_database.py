"""The shop's database: that it is there, with each table, view and column a check needs."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Final

from bot.core.model import Phrase, Row, Unreadable, phrase
from bot.core.runbook import Runbook
from bot.core.tools import DatabaseSize, ShopDatabase
from bot.doctor import Case, Result, fine, ill, uneasy
from bot.doctor._shop import opened

NUMBER: Final = 60
WHAT: Final = phrase("doctor_shop")
INDEX: Final = phrase("doctor_shop_index")


async def examine(case: Case) -> Sequence[Result]:
    async with opened(case) as shop:
        try:
            size = await shop.size()
        except Unreadable as failure:
            return [ill(WHAT, failure.why, phrase("doctor_mend_shop"))]
        needing = [runbook for runbook in case.runbooks.values() if runbook.needs]
        own = await asyncio.gather(*(_needs(shop, runbook) for runbook in needing))
        return [reachable(size), *own, *await _index(shop)]


def reachable(size: DatabaseSize) -> Result:
    seen = phrase("doctor_shop_fine", name=size.name, bytes=size.total)
    return fine(WHAT, seen)


async def _needs(shop: ShopDatabase, runbook: Runbook) -> Result:
    try:
        await shop.require(runbook.needs)
    except Unreadable as failure:
        return judge(runbook, failure.why)
    return judge(runbook, None)


def judge(runbook: Runbook, lacks: Phrase | None) -> Result:
    what = phrase("doctor_needs", check=runbook.folder)
    if lacks is not None:
        return ill(what, lacks, phrase("doctor_mend_needs", check=runbook.folder))
    columns = sum(len(names) for names in runbook.needs.values())
    return fine(what, phrase("doctor_needs_fine", names=[*runbook.needs], columns=columns))


async def _index(shop: ShopDatabase) -> list[Result]:
    try:
        rows = await shop.rows("doctor/date_index.sql.j2")
    except Unreadable as failure:
        return [uneasy(INDEX, failure.why, phrase("doctor_mend_shop"))]
    return judge_index(rows)


def judge_index(rows: Sequence[Row]) -> list[Result]:
    """Say nothing of a table that is not there: the checks that need it have said so."""
    row: Mapping[str, object] = rows[0] if rows else {}
    if not row.get("tables"):
        return []
    if not row.get("indexes"):
        return [uneasy(INDEX, phrase("doctor_index_none"), phrase("doctor_mend_index"))]
    return [fine(INDEX, phrase("doctor_index_fine"))]
