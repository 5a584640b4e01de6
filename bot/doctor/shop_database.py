"""The shop's database: that it is there, with each table, view and column a check needs."""

import asyncio
from collections.abc import Sequence
from typing import Final

from bot.core.model import Phrase, Unreadable, phrase
from bot.core.runbook import Runbook
from bot.core.tools import DatabaseSize, ShopDatabase
from bot.doctor import Case, Result, fine, ill
from bot.doctor._shop import opened

NUMBER: Final = 60
WHAT: Final = phrase("doctor_shop")


async def examine(case: Case) -> Sequence[Result]:
    async with opened(case) as shop:
        try:
            size = await shop.size()
        except Unreadable as failure:
            return [ill(WHAT, failure.why, phrase("doctor_mend_shop"))]
        needing = [
            runbook for runbook in case.runbooks.values() if runbook.needs and runbook.enabled
        ]
        own = await asyncio.gather(*(_needs(shop, runbook) for runbook in needing))
        return [reachable(size), *own]


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
