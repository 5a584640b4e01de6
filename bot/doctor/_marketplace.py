"""What an answer of a marketplace's API says about a token; pure."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Final

from bot.core.model import Json, Unreadable, phrase
from bot.doctor._http import Ask, Heard, ask
from bot.doctor._result import Result, fine, ill, uneasy

SERVER_ERRORS: Final = 500
REFUSALS: Final[Mapping[int, str]] = {HTTPStatus.UNAUTHORIZED: "401", HTTPStatus.FORBIDDEN: "403"}


async def asked(market: str, setting: str, question: Ask) -> Result:
    """Ask once; every way to fail has its own sentence."""
    what = phrase("doctor_market", market=market)
    try:
        heard = await ask(question)
    except Unreadable as failure:
        return ill(what, failure.why, phrase("doctor_mend_market_reach", market=market))
    return judge(market, setting, heard)


def judge(market: str, setting: str, heard: Heard) -> Result:
    """A limit reached or a trouble of its own says nothing about the token: a warning."""
    what = phrase("doctor_market", market=market)
    values: dict[str, Json] = {
        "market": market,
        "setting": setting,
        "status": heard.status,
        "seconds": heard.retry_after,
    }
    if heard.status == HTTPStatus.OK and heard.object() is not None:
        return fine(what, phrase("doctor_market_fine", **values))
    if heard.status == HTTPStatus.TOO_MANY_REQUESTS or heard.status >= SERVER_ERRORS:
        key = "5xx" if heard.status >= SERVER_ERRORS else "429"
        said = phrase(f"doctor_market_{key}", **values)
        return uneasy(what, said, phrase("doctor_mend_market_wait"))
    # A page where data belongs is a firewall's or a provider's, whatever its status.
    key = "html" if heard.is_html else REFUSALS.get(heard.status, "strange")
    said = phrase(f"doctor_market_{key}", **values)
    return ill(what, said, phrase(f"doctor_mend_market_{key}", **values))
