"""What an answer of a marketplace's API says about a token; pure."""

from http import HTTPStatus

from bot.core import market_answer
from bot.core.markets import Verdict
from bot.core.model import Json, Unreadable, phrase
from bot.doctor._http import Ask, Heard, ask
from bot.doctor._result import Result, fine, ill, uneasy


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
    answer = market_answer.Heard(status=heard.status, headers={}, body=heard.body)
    match market_answer.verdict(answer):
        case Verdict.WORKS:
            return fine(what, phrase("doctor_market_fine", **values))
        case Verdict.LIMITED:
            said = phrase("doctor_market_429", **values)
            return uneasy(what, said, phrase("doctor_mend_market_wait"))
        case Verdict.THEIR_SIDE:
            said = phrase("doctor_market_5xx", **values)
            return uneasy(what, said, phrase("doctor_mend_market_wait"))
        case Verdict.PAGE:
            key = "html"
        case verdict if verdict.is_our_key:
            key = "403" if heard.status == HTTPStatus.FORBIDDEN else "401"
        case _:
            key = "strange"
    said = phrase(f"doctor_market_{key}", **values)
    return ill(what, said, phrase(f"doctor_mend_market_{key}", **values))
