"""What settings are made of, and how the text of an environment becomes it."""

import re
from datetime import time
from typing import Annotated, NamedTuple

from pydantic import AfterValidator, BeforeValidator, Field
from pydantic_settings import NoDecode

from bot.core import missed, retention
from bot.core.missed import Missed
from bot.core.retention import Keep
from bot.core.rota import Hours, Shift, parse_hours, parse_rota


class ChatRef(NamedTuple):
    """A chat, or one topic of a forum."""

    chat: int
    topic: int | None = None


class Window(NamedTuple):
    """A daily span of local time; it may pass midnight."""

    start: time
    end: time

    def holds(self, moment: time) -> bool:
        if self.start <= self.end:
            return self.start <= moment < self.end
        return moment >= self.start or moment < self.end


def _parts(value: object) -> list[str]:
    return [part.strip() for part in str(value).split(",") if part.strip()]


def _number(text: str) -> int:
    try:
        return int(text)
    except ValueError as error:
        raise ValueError(f"{text!r} is not a number") from error


def _ids(value: object) -> object:
    if isinstance(value, str | int):
        return frozenset(_number(part) for part in _parts(value))
    return value


def _chats(value: object) -> object:
    if not isinstance(value, str | int):
        return value
    found = []
    for part in _parts(value):
        chat, _, topic = part.partition(":")
        found.append(ChatRef(_number(chat), _number(topic) if topic else None))
    return tuple(found)


def _window(value: object) -> object:
    if not isinstance(value, str):
        return value
    start, _, end = value.partition("-")
    try:
        return Window(time.fromisoformat(start.strip()), time.fromisoformat(end.strip()))
    except ValueError as error:
        raise ValueError("is not a span such as 02:30-05:00") from error


def _spans(value: object) -> object:
    return tuple(parse_hours(part) for part in _parts(value)) if isinstance(value, str) else value


def _rota(value: object) -> object:
    return parse_rota(value) if isinstance(value, str) else value


def _keeps(value: object) -> object:
    return retention.parse(str(value)) if isinstance(value, str | int) else value


def _missed(value: object) -> object:
    return missed.parse(value) if isinstance(value, str) else value


def _address(value: str) -> str:
    if not re.match(r"https?://[^/\s]+", value):
        raise ValueError("is not a URL, such as http://localhost:8000")
    return value.rstrip("/")


Url = Annotated[str, AfterValidator(_address)]
Seconds = Annotated[float, Field(le=366 * 86_400)]  # a timedelta has an end, a number has none
Ids = Annotated[frozenset[int], NoDecode, BeforeValidator(_ids)]
Chats = Annotated[tuple[ChatRef, ...], NoDecode, BeforeValidator(_chats)]
DailySpan = Annotated[Window, NoDecode, BeforeValidator(_window)]
WeeklySpans = Annotated[tuple[Hours, ...], NoDecode, BeforeValidator(_spans)]
MissedJobs = Annotated[tuple[Missed, ...], NoDecode, BeforeValidator(_missed)]
Keeps = Annotated[tuple[Keep, ...], NoDecode, BeforeValidator(_keeps)]
Duties = Annotated[tuple[Shift, ...], NoDecode, BeforeValidator(_rota)]
