"""Arguments of commands, questions and actions: types, limits, and the words that were given."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from bot.core.model import Facts, Phrase


@dataclass(frozen=True, slots=True, kw_only=True)
class Param:
    """One argument of a command. Numbers have limits, words a list or a pattern."""

    name: str
    default: int | str | None = None  # None: must be given
    low: int | None = None
    high: int | None = None
    words: Sequence[str] = ()
    rest: bool = False  # takes all words that are left; only the last one may


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
    words = _gathered(taker, words)
    if len(words) > len(taker.params):
        raise WrongArguments(Phrase("usage_too_many", {"usage": taker.usage}))
    given = list(words) + [None] * (len(taker.params) - len(words))
    pairs = zip(taker.params, given, strict=True)
    return {param.name: _value(taker, param, word) for param, word in pairs}


def _gathered(taker: Taker, words: Sequence[str]) -> Sequence[str]:
    """Words that the last argument takes together."""
    before = len(taker.params) - 1
    if not (taker.params and taker.params[-1].rest) or len(words) <= before:
        return words
    return [*words[:before], " ".join(words[before:])]


def _value(taker: Taker, param: Param, word: str | None) -> int | str:
    if word is None:
        if param.default is None:
            raise WrongArguments(
                Phrase("usage_missing", {"usage": taker.usage, "name": param.name})
            )
        return param.default
    if param.low is None:
        if param.words and word.lower() not in param.words:
            raise _wrong("usage_words", taker, param, words=", ".join(param.words))
        return word.lower() if param.words else word
    if not word.isascii() or not word.lstrip("#").isdigit():
        raise _wrong("usage_number", taker, param, low=param.low, high=param.high)
    number = int(word.lstrip("#")[:12])
    if number < param.low or (param.high is not None and number > param.high):
        raise _wrong("usage_number", taker, param, low=param.low, high=param.high)
    return number


def _wrong(key: str, taker: Taker, param: Param, **values: str | int | None) -> WrongArguments:
    facts: Facts = {"usage": taker.usage, "name": param.name, **values}
    return WrongArguments(Phrase(key, facts))
