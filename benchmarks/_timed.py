"""The shop database with a stopwatch on every question."""

import time
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from bot.core.model import Row, Scalar
from bot.core.tools import DatabaseSize, PlanStep, ShopDatabase, TableInfo, TableSchema


@dataclass(slots=True)
class TimedShop:
    """Times from the question to the answer: rendering, thread, opening, SQL, all of it."""

    shop: ShopDatabase
    spent: dict[str, float] = field(default_factory=lambda: defaultdict(float))

    async def rows(self, query: str, /, **binds: Scalar) -> Sequence[Row]:
        with self._watched(query.removesuffix(".sql.j2")):
            return await self.shop.rows(query, **binds)

    async def require(self, needs: Mapping[str, Sequence[str]]) -> None:
        with self._watched("tables and columns"):
            await self.shop.require(needs)

    async def size(self) -> DatabaseSize:
        with self._watched("size"):
            return await self.shop.size()

    async def plan(self, query: str, /, **binds: Scalar) -> Sequence[PlanStep]:
        return await self.shop.plan(query, **binds)

    async def tables(self) -> Sequence[TableInfo]:
        return await self.shop.tables()

    async def schema(self, table: str) -> TableSchema:
        return await self.shop.schema(table)

    def taken(self) -> dict[str, float]:
        """Seconds by question since the last call."""
        taken = dict(self.spent)
        self.spent.clear()
        return taken

    @contextmanager
    def _watched(self, question: str) -> Iterator[None]:
        began = time.perf_counter()
        try:
            yield
        finally:
            self.spent[question] += time.perf_counter() - began
