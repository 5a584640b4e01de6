"""The shop's database, opened for one examination."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from bot.doctor._result import Case
from bot.edges.shop import OpenShop, open_shop

STATEMENT_SECONDS = 3.0  # a few of them fit into the time of one examination


@asynccontextmanager
async def opened(case: Case) -> AsyncIterator[OpenShop]:
    shop = open_shop(
        case.settings.database_url.get_secret_value(),
        sql=case.templates.sql,
        statement_seconds=min(case.settings.sql_timeout_sec, STATEMENT_SECONDS),
    )
    try:
        yield shop
    finally:
        await shop.close()
