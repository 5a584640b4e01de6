"""Arguments of commands, questions and actions: types, limits, and the words that were given."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import Final, Protocol

from bot.core.model import Facts, Phrase

SKIP: Final = "-"  # stands for "as if I had not said it", so that what comes after can be said
TODAY, YESTERDAY = "today", "yesterday"


@dataclass(frozen=True, slots=True, kw_only=True)
class Param:
    """One argument: a whole number, a day, one of some words, a word by pattern, or any text.

    `low` makes it a number, `day` a date: `2025-10-01`, `today` or `yesterday`. Of `words` the
    case does not matter; the value is the one of the list. `pattern` is a whole regular
    expression, `like` an example that people are shown. Without a default it must be given;
    the empty text is the default of what may be left out altogether.
    """

    name: str
    default: int | str | None = None
    low: int | None = None
    high: int | None = None
    words: Sequence[str] = ()
    day: bool = False
    pattern: str | None = None
    like: str = ""
    rest: bool = False  # takes all words that are left; only the last one may


MARKETPLACES: Final = ("WB", "OZON")


def marketplace(default: str | None = None) -> Param:
    """WB or OZON; with a default of "all" also everything."""
    more = (default,) if default else ()
    return Param(name="marketplace", default=default, words=(*MARKETPLACES, *more))


def days(default: int = 7, high: int = 90) -> Param:
    return Param(name="days", default=default, low=1, high=high)


class Taker(Protocol):
    """Whatever takes arguments, and how people should give them."""

    @property
    def params(self) -> Sequence[Param]: ...
    @property
    def usage(self) -> str: ...


class WrongArguments(Exception):  # noqa: N818  # an answer to people, not a fault
    """The arguments do not fit; `why` says how."""

    def __init__(self, why: Phrase) -> None:
        super().__init__(why.key)
        self.why = why


def parse(taker: Taker, words: Sequence[str]) -> dict[str, int | str]:
    """Read the arguments, or raise `WrongArguments` with the right usage."""
    words = _gathered(taker, _fitted(taker, _aligned(taker, words)))
    if len(words) > len(taker.params):
        raise WrongArguments(Phrase("usage_too_many", {"usage": taker.usage}))
    given = list(words) + [None] * (len(taker.params) - len(words))
    pairs = zip(taker.params, given, strict=True)
    return {param.name: _value(taker, param, word) for param, word in pairs}


def spoken(taker: Taker, args: Mapping[str, int | str]) -> str:
    """The arguments as words that `parse` reads back: what a button carries."""
    words = [str(args[param.name]) or SKIP for param in taker.params]
    while words and words[-1] == SKIP and taker.params[len(words) - 1].default is not None:
        words.pop()
    return " ".join(words)


def told(params: Sequence[Param], args: Mapping[str, object]) -> list[str]:
    """The arguments as a person reads them: "30 days", "from 2026-11-01"."""
    known = {one.name: one for one in params}
    return [_told(known.get(name), name, value) for name, value in args.items()]


def _told(param: Param | None, name: str, value: object) -> str:
    if param is not None and param.low is not None:
        return f"{value} {name.removesuffix('s') if value == 1 else name}"
    if param is not None and param.day and name in {"from", "to"}:
        return f"{name} {value}"
    return str(value)


def usage(name: str, params: Sequence[Param]) -> str:
    """`/cash [days]`: optional arguments in brackets."""
    shown = [f"<{one.name}>" if one.default is None else f"[{one.name}]" for one in params]
    return " ".join([f"/{name}", *shown])


def date_of(value: int | str, today: date) -> date:
    """The date of a `day` argument that `parse` has read."""
    match value:
        case "today":
            return today
        case "yesterday":
            return today - timedelta(days=1)
        case _:
            return date.fromisoformat(str(value))


def fixed(
    params: Sequence[Param], args: Mapping[str, int | str], today: date
) -> dict[str, int | str]:
    """The arguments for a decision: the "yesterday" of when it was asked for, and no other."""
    days = {one.name for one in params if one.day}
    return {
        name: date_of(value, today).isoformat() if value and name in days else value
        for name, value in args.items()
    }


def _gathered(taker: Taker, words: Sequence[str]) -> Sequence[str]:
    """Words that the last argument takes together."""
    before = len(taker.params) - 1
    if not (taker.params and taker.params[-1].rest) or len(words) <= before:
        return words
    return [*words[:before], " ".join(words[before:])]


def _aligned(taker: Taker, words: Sequence[str]) -> Sequence[str]:
    """A number may be left out before a word: `/slo ingest` for `/slo - ingest`.

    The word is one of a list, or the free words that end a command: `/logs bot error`.
    """
    for at, (param, following) in enumerate(pairwise(taker.params)):
        if param.low is None or param.default is None or len(words) <= at:
            continue
        known = {one.lower() for later in taker.params[at + 1 :] for one in later.words}
        free = following.rest and not following.words and not words[at].lstrip("#").isdigit()
        if words[at] != SKIP and (words[at].lower() in known or free):
            return [*words[:at], SKIP, *words[at:]]
    return words


def _fitted(taker: Taker, words: Sequence[str]) -> Sequence[str]:
    """Before free words, what has a pattern may be left out: `/todo call the bank`."""
    if not (taker.params and taker.params[-1].rest):
        return words
    found = list(words)
    for at, param in enumerate(taker.params[:-1]):
        if param.pattern is None or param.default is None or at >= len(found):
            continue
        if found[at] != SKIP and not re.fullmatch(param.pattern, found[at]):
            found.insert(at, SKIP)
    return found


def _value(taker: Taker, param: Param, word: str | None) -> int | str:
    if word is None or (word == SKIP and param.default is not None):
        if param.default is None:
            raise _wrong("usage_missing", taker, param)
        return param.default
    if param.low is not None:
        return _number(taker, param, word, param.low)
    if param.day:
        return _day(taker, param, word)
    if param.words:
        return _one_of(taker, param, word)
    if param.pattern is not None and not re.fullmatch(param.pattern, word):
        raise _wrong("usage_pattern", taker, param, like=param.like)
    return word


def _number(taker: Taker, param: Param, word: str, low: int) -> int:
    if word.isascii() and word.lstrip("#").isdigit():
        number = int(word.lstrip("#")[:12])
        if number >= low and (param.high is None or number <= param.high):
            return number
    raise _wrong("usage_number", taker, param, low=low, high=param.high)


def _day(taker: Taker, param: Param, word: str) -> str:
    """Keep "yesterday" as it is: a button pressed tomorrow means another one."""
    if word.lower() in {TODAY, YESTERDAY}:
        return word.lower()
    if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", word):
        try:
            return date.fromisoformat(word).isoformat()
        except ValueError:
            pass  # such as 2025-02-30
    raise _wrong("usage_day", taker, param)


def _one_of(taker: Taker, param: Param, word: str) -> str:
    for one in param.words:
        if one.lower() == word.lower():
            return one
    raise _wrong("usage_words", taker, param, words=", ".join(param.words))


def _wrong(key: str, taker: Taker, param: Param, **values: str | int | None) -> WrongArguments:
    facts: Facts = {"usage": taker.usage, "name": param.name, **values}
    return WrongArguments(Phrase(key, facts))
