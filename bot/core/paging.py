"""Long lists by pages, turned by buttons. Pure."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from bot.core.keyboard import PAGE, Key
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
        """Where the page is the question's last argument; `question` is all that comes before."""
        return self._keys(lambda number: f"{question} {number}")

    def keys_through(self, question: str) -> list[Key]:
        """Where it takes none: the pages are asked for by a question of their own."""
        return self._keys(lambda number: f"{PAGE} {number} {question}")

    def _keys(self, asked: Callable[[int], str]) -> list[Key]:
        keys = []
        if self.number > 1:
            keys.append(Key("◀ Previous", Verb.ASK, asked(self.number - 1)))
        if self.number < self.count:
            keys.append(Key("Next ▶", Verb.ASK, asked(self.number + 1)))
        return keys


def turn(number: int, *, total: int, size: int) -> Turn:
    count = max(1, -(-total // size))
    return Turn(min(number, count), count, size)
