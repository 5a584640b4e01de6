"""PostgreSQL is configured but its driver, the extra `postgres`, is not installed."""

from collections.abc import Sequence
from typing import NoReturn

from bot.core.model import phrase
from bot.core.runbook import ActionFailed
from bot.edges.archive.lines import Place


class NoDriverRows:
    dialect = "postgresql"

    async def counts(self, before: str) -> NoReturn:
        _refuse(before)

    async def columns(self) -> NoReturn:
        _refuse()

    async def batch(self, after: Place, before: str, *, most: int) -> NoReturn:
        _refuse(after, before, most)

    async def hold(self, size: int) -> NoReturn:
        _refuse(size)

    async def remove(self, columns: Sequence[str], lines: Sequence[bytes]) -> NoReturn:
        _refuse(columns, lines)

    async def put_back(self, columns: Sequence[str], lines: Sequence[bytes]) -> NoReturn:
        _refuse(columns, lines)

    async def close(self) -> None: ...


def _refuse(*_given: object) -> NoReturn:
    raise ActionFailed(phrase("shop_driver_missing"))
