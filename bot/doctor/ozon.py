"""Ozon: that client id and key are accepted. Asks for one product, the cheapest known call."""

from collections.abc import Sequence
from typing import Final

from bot.core.model import phrase
from bot.doctor import Case, Result, skipped, uneasy
from bot.doctor._http import Ask
from bot.doctor._marketplace import asked

NUMBER: Final = 120
MARKET: Final = "Ozon"
ID, KEY = "OZON_CLIENT_ID", "OZON_API_KEY_ADMIN"
WHAT: Final = phrase("doctor_market", market=MARKET)


async def examine(case: Case) -> Sequence[Result]:
    client, key = case.settings.ozon_client_id, case.settings.ozon_api_key_admin
    if client is None and key is None:
        return [skipped(WHAT, phrase("doctor_unset", name=ID))]
    if client is None or key is None:
        half = phrase("doctor_unset", name=ID if client is None else KEY)
        return [uneasy(WHAT, half, phrase("doctor_mend_ozon_half"))]
    question = Ask(
        method="POST",
        url=f"{case.settings.ozon_api_url.rstrip('/')}/v3/product/list",
        headers={"Client-Id": client, "Api-Key": key.get_secret_value()},
        content={"filter": {"visibility": "ALL"}, "last_id": "", "limit": 1},
        seconds=2 * case.seconds,
    )
    return [await asked(MARKET, KEY, question)]
