"""The bot token: that Telegram knows it, through the configured server and proxy."""

from collections.abc import Sequence
from http import HTTPStatus
from importlib.util import find_spec
from typing import Final

from bot.core.model import phrase
from bot.doctor import Case, Result, fine, ill, uneasy
from bot.doctor._telegram import UNKNOWN_TOKEN, Answer, Refused, Said, Silent, call

NUMBER: Final = 10
WHAT: Final = phrase("doctor_token")
PROXY: Final = phrase("doctor_proxy")
PROXY_LIBRARY: Final = "aiohttp_socks"  # aiogram needs it for every kind of proxy


async def examine(case: Case) -> Sequence[Result]:
    own = [judge(await call(case, "getMe"))]
    if case.settings.telegram_proxy_url and find_spec(PROXY_LIBRARY) is None:
        own.append(ill(PROXY, phrase("doctor_proxy_library"), phrase("doctor_mend_proxy_library")))
    return own


def judge(answer: Answer) -> Result:
    match answer:
        case Said(me):
            return fine(WHAT, phrase("doctor_token_known", username=str(me.get("username"))))
        case Refused(code=code) if code in UNKNOWN_TOKEN:
            return ill(WHAT, phrase("doctor_token_unknown"), phrase("doctor_mend_token"))
        case Refused(code=HTTPStatus.TOO_MANY_REQUESTS):
            return uneasy(WHAT, phrase("doctor_telegram_busy"), phrase("doctor_mend_wait"))
        case Refused(words=words):
            said = phrase("doctor_telegram_refused", said=words)
            return ill(WHAT, said, phrase("doctor_mend_wait"))
        case Silent(why):
            return ill(WHAT, why, phrase("doctor_mend_telegram"))
