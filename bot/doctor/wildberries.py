"""Wildberries: that the token is still valid, and accepted.

`/ping` is the cheapest call: it reads nothing of the shop's and has a quota of its own.
"""

import base64
import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from bot.core.model import Json, phrase
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
    return [await asked(MARKET, SETTING, question), *judge(expiry(token), case.clock())]


def expiry(token: str) -> datetime | None:
    """Read when a JWT ends, without its key; None for any other kind of token."""
    try:
        middle = token.split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(middle + "=" * (-len(middle) % 4)))
        return datetime.fromtimestamp(claims["exp"], UTC)
    except (ValueError, LookupError, TypeError, OverflowError, OSError, RecursionError):
        return None


def judge(ends: datetime | None, now: datetime) -> list[Result]:
    if ends is None:
        return []
    values: dict[str, Json] = {"day": ends.date().isoformat(), "days": (ends - now).days}
    mend = phrase("doctor_mend_market_401", market=MARKET)
    if ends <= now:
        return [ill(EXPIRY, phrase("doctor_wb_expired", **values), mend)]
    if ends - now < SOON:
        return [uneasy(EXPIRY, phrase("doctor_wb_expires", **values), mend)]
    return [fine(EXPIRY, phrase("doctor_wb_expires", **values))]
