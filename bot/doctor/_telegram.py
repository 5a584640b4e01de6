"""The Bot API over plain httpx: aiogram costs seconds, and its errors name the token's URL."""

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from bot.core.model import Json, Phrase, Unreadable, phrase
from bot.doctor._http import Ask, ask, host
from bot.doctor._result import Case
from bot.settings import Settings

UNKNOWN_TOKEN = (HTTPStatus.UNAUTHORIZED, HTTPStatus.NOT_FOUND)


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """How the Bot API is reached; `proxy` and `token` are secrets."""

    server: str
    token: str
    proxy: str | None = None
    seconds: float = 4.0


@dataclass(frozen=True, slots=True)
class Said:
    result: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """Telegram's own words on why not; `moved_to` is the new id of a chat that was upgraded."""

    code: int
    words: str
    moved_to: int | None = None


@dataclass(frozen=True, slots=True)
class Silent:
    """No usable answer at all."""

    why: Phrase


Answer = Said | Refused | Silent


async def call(case: Case, method: str, **params: Json) -> Answer:
    settings = case.settings
    proxy = settings.telegram_proxy_url
    way = Way(
        server=settings.telegram_api_url,
        token=settings.bot_token.get_secret_value(),
        proxy=proxy.get_secret_value() if proxy else None,
        seconds=case.seconds,
    )
    return await request(way, method, **params)


async def request(way: Way, method: str, **params: Json) -> Answer:
    question = Ask(
        url=f"{way.server}/bot{way.token}/{method}",
        method="POST",
        content={name: value for name, value in params.items() if value is not None},
        proxy=way.proxy,
        seconds=way.seconds,
    )
    try:
        heard = await ask(question)
    except Unreadable as failure:
        return Silent(failure.why)
    answer = heard.object()
    if answer is None or "ok" not in answer:
        key = "http_html" if heard.is_html else "http_not_json"
        return Silent(phrase(key, where=host(way.server)))
    return _read(answer, heard.status)


def own_id(settings: Settings) -> int:
    """Read the bot's user id, which is the token's first half and no secret."""
    return int(settings.bot_token.get_secret_value().partition(":")[0])


def _read(answer: Mapping[str, Any], status: int) -> Answer:
    if answer["ok"] is True:
        result = answer.get("result")
        return Said(result if isinstance(result, dict | list) else {})
    parameters = answer.get("parameters")
    moved = parameters.get("migrate_to_chat_id") if isinstance(parameters, dict) else None
    return Refused(
        code=int(answer.get("error_code") or status),
        words=str(answer.get("description") or status),
        moved_to=moved if isinstance(moved, int) else None,
    )
