"""A look at the statements behind a question or check: which they were, how long they took."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar

from bot.core.model import Json, Phrase, Row, Scalar, Unreadable
from bot.core.tools import (
    DatabaseSize,
    Memory,
    PlanStep,
    ShopDatabase,
    TableInfo,
    TableSchema,
    Tools,
)

AnyTools = TypeVar("AnyTools", bound=Tools)


@dataclass(slots=True, kw_only=True)
class Statement:
    """One SQL template that was asked; of the times it was asked again, all together."""

    query: str
    binds: Mapping[str, Scalar]
    seconds: float = 0.0
    rows: int = 0
    times: int = 0
    trouble: Phrase | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TracedShop:
    """Hands every question on and writes down what it was. `ticks` is a stopwatch."""

    shop: ShopDatabase
    ticks: Callable[[], float]
    statements: dict[str, Statement] = field(default_factory=dict)

    async def rows(self, query: str, /, **binds: Scalar) -> Sequence[Row]:
        seen = self.statements.setdefault(query, Statement(query=query, binds=binds))
        began = self.ticks()
        try:
            found = await self.shop.rows(query, **binds)
        except Unreadable as unreadable:
            seen.trouble = unreadable.why
            raise
        finally:
            seen.times += 1
            seen.seconds += self.ticks() - began
        seen.rows += len(found)
        return found

    async def require(self, needs: Mapping[str, Sequence[str]]) -> None:
        await self.shop.require(needs)

    async def size(self) -> DatabaseSize:
        return await self.shop.size()

    async def plan(self, query: str, /, **binds: Scalar) -> Sequence[PlanStep]:
        return await self.shop.plan(query, **binds)

    async def tables(self) -> Sequence[TableInfo]:
        return await self.shop.tables()

    async def schema(self, table: str) -> TableSchema:
        return await self.shop.schema(table)


@dataclass(frozen=True, slots=True)
class Forgetful:
    """A memory that a look may write to, and that nobody else ever sees."""

    memory: Memory
    kept: dict[str, Json] = field(default_factory=dict)

    async def get(self, key: str) -> Json:
        return self.kept[key] if key in self.kept else await self.memory.get(key)

    async def put(self, key: str, value: Json) -> None:
        self.kept[key] = value


def traced(tools: AnyTools, ticks: Callable[[], float]) -> tuple[AnyTools, TracedShop]:
    """The same tools, under watch; whatever is asked with them leaves no trace."""
    shop = TracedShop(shop=tools.shop, ticks=ticks)
    return replace(tools, shop=shop, memory=Forgetful(tools.memory)), shop
