"""The clock of this machine, against Telegram's, or else the web API's."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from bot.core.model import Json, Unreadable, phrase
from bot.doctor import Case, Result, fine, skipped, uneasy
from bot.doctor._http import Ask, ask, host

NUMBER: Final = 140
WHAT: Final = phrase("doctor_clock")
ZONE: Final = phrase("doctor_zone")
MOST_SECONDS: Final = 30.0


async def examine(case: Case) -> Sequence[Result]:
    zone = fine(ZONE, phrase("doctor_zone_now", zone=case.settings.app_timezone, now=_local(case)))
    for question in _questions(case):
        try:
            heard = await ask(question)
        except Unreadable:
            continue
        if heard.date is not None:
            return [judge(case.clock(), heard.date, host(question.url)), zone]
    return [skipped(WHAT, phrase("doctor_clock_unknown")), zone]


def judge(here: datetime, there: datetime, where: str) -> Result:
    """Servers cut their time to whole seconds, and the answer took a moment: that is no fault."""
    off = (here - there).total_seconds()
    values: dict[str, Json] = {"where": where, "seconds": abs(off), "ahead": off > 0}
    if abs(off) > MOST_SECONDS:
        return uneasy(WHAT, phrase("doctor_clock_off", **values), phrase("doctor_mend_clock"))
    return fine(WHAT, phrase("doctor_clock_fine", **values))


def _questions(case: Case) -> list[Ask]:
    """Ask without a token: whoever answers "not found" tells the time as well."""
    settings = case.settings
    proxy = settings.telegram_proxy_url
    return [
        Ask(
            url=f"{settings.telegram_api_url}/",
            proxy=proxy.get_secret_value() if proxy else None,
            seconds=case.seconds,
        ),
        Ask(url=f"{settings.web_api_url}/health", seconds=case.seconds),
    ]


def _local(case: Case) -> str:
    return f"{case.clock().astimezone(case.settings.zone):%H:%M}"
