"""A log of which supervisord refuses the whole: it sends no piece with a byte that is no UTF-8.

One strange byte, or a letter that the first byte asked for is half of, is enough for HTTP 500.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

LOST: Final = "\ufffd"
_LETTER: Final = 4  # bytes of one at most
_SMALLEST: Final = 64  # bytes that are given up

Fetch = Callable[[int, int], Awaitable[str | None]]  # offset and length; None: refused


@dataclass(slots=True)
class Pieces:
    """`most` calls at most: a log in another code is refused at each of its letters."""

    fetch: Fetch
    most: int = 300

    async def read(self, begin: int, end: int) -> str:
        """Give what there is from `begin` to `end`, with `LOST` where a piece cannot be sent."""
        for at in range(begin, min(begin + _LETTER, end)):
            if (text := await self._ask(at, end)) is not None:
                return text
        return await self._halves(begin, end)

    async def _halves(self, begin: int, end: int) -> str:
        """Both halves of a refused piece, the newer one first."""
        if end - begin <= _SMALLEST or self.most <= 0:
            return LOST
        middle = (begin + end) // 2
        for at in range(middle, middle + _LETTER):
            newer, older = await self._ask(at, end), await self._ask(begin, at)
            if newer is not None or older is not None:
                break
        else:
            at = middle
        newer = await self._halves(at, end) if newer is None else newer
        older = await self._halves(begin, at) if older is None else older
        return older + newer

    async def _ask(self, begin: int, end: int) -> str | None:
        if self.most <= 0:
            return None
        self.most -= 1
        return await self.fetch(begin, end - begin)
