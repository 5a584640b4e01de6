"""Long lists by pages, turned by buttons."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from bot.core.keyboard import Key
from bot.core.verbs import Verb

T = TypeVar("T")
FAR = 1_000_000


@dataclass(frozen=True, slots=True)
class Turn:
    """Page `number` of `count`; a list that shrank meanwhile has its last page turned up."""

    number: int
    count: int
    size: int

    @property
    def skip(self) -> int:
        return (self.number - 1) * self.size

    def of(self, whole: Sequence[T]) -> Sequence[T]:
        return whole[self.skip : self.skip + self.size]

    def keys(self, question: str) -> list[Key]:
        """`question` with its arguments, without the page."""
        keys = []
        if self.number > 1:
            keys.append(Key("◀ Previous", Verb.ASK, f"{question} {self.number - 1}"))
        if self.number < self.count:
            keys.append(Key("Next ▶", Verb.ASK, f"{question} {self.number + 1}"))
        return keys


def turn(number: int, *, total: int, size: int) -> Turn:
    count = max(1, -(-total // size))
    return Turn(min(number, count), count, size)
