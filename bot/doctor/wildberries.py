"""Wildberries: that the token is still valid, and accepted.

`/ping` is the cheapest call: it reads nothing of the shop's and has a quota of its own.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from bot.core import wb_token
from bot.core.model import Json, phrase
from bot.core.wb_token import WbToken
from bot.doctor import Case, Result, fine, ill, skipped, uneasy
from bot.doctor._http import Ask
from bot.doctor._marketplace import asked

NUMBER: Final = 110
MARKET: Final = "Wildberries"
SETTING: Final = "WB_STATS_TOKEN"
WHAT: Final = phrase("doctor_market", market=MARKET)
EXPIRY: Final = phrase("doctor_wb_expiry")
SOON: Final = timedelta(days=14)


async def examine(case: Case) -> Sequence[Result]:
    secret = case.settings.wb_stats_token
    if secret is None:
        return [skipped(WHAT, phrase("doctor_unset", name=SETTING))]
    token = secret.get_secret_value()
    url = f"{case.settings.wb_api_url.rstrip('/')}/ping"
    question = Ask(url=url, headers={"Authorization": token}, seconds=2 * case.seconds)
    return [await asked(MARKET, SETTING, question), *judge(wb_token.read(token), case.clock())]


def judge(token: WbToken | None, now: datetime) -> list[Result]:
    if token is None:
        return []
    ends = token.expires
    values: dict[str, Json] = {"day": ends.date().isoformat(), "days": (ends - now).days}
    mend = phrase("doctor_mend_market_401", market=MARKET)
    if ends <= now:
        return [ill(EXPIRY, phrase("doctor_wb_expired", **values), mend)]
    if ends - now < SOON:
        return [uneasy(EXPIRY, phrase("doctor_wb_expires", **values), mend)]
    return [fine(EXPIRY, phrase("doctor_wb_expires", **values))]
