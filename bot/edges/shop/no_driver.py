"""PostgreSQL is configured but its driver, the extra `postgres`, is not installed."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from bot.core import job
from bot.core.job import Job
from bot.core.machine import Connections, Storage
from bot.core.model import Facts, Row, Scalar, Source, Unreadable, phrase
from bot.core.runbook import ActionFailed
from bot.core.tools import DatabaseSize, Edit, PlanStep, TableInfo, TableSchema
from bot.edges.shop.history import Session
from bot.edges.shop.threads import Stop

_WHY = phrase("shop_driver_missing")


class NoDriver:
    async def rows(self, _query: str, /, **_binds: Scalar) -> Sequence[Row]:
        raise Unreadable(_WHY, Source.SHOP_DATABASE)

    async def require(self, needs: Mapping[str, Sequence[str]]) -> None:  # noqa: ARG002  # a port
        raise Unreadable(_WHY, Source.SHOP_DATABASE)

    async def size(self) -> DatabaseSize:
        raise Unreadable(_WHY, Source.SHOP_DATABASE)

    async def storage(self, *, tables: bool = True) -> Storage:  # noqa: ARG002  # a port
        raise Unreadable(_WHY, Source.SHOP_DATABASE)

    async def connections(self) -> Connections | None:
        raise Unreadable(_WHY, Source.SHOP_DATABASE)

    async def plan(self, _query: str, /, **_binds: Scalar) -> Sequence[PlanStep]:
        raise Unreadable(_WHY, Source.SHOP_DATABASE)

    async def tables(self) -> Sequence[TableInfo]:
        raise Unreadable(_WHY, Source.SHOP_DATABASE)

    async def schema(self, table: str) -> TableSchema:  # noqa: ARG002  # a port
        raise Unreadable(_WHY, Source.SHOP_DATABASE)

    async def close(self) -> None: ...


class NoDriverMaintenance:
    async def vacuum(self, _stop: job.Stop) -> Facts:
        raise ActionFailed(_WHY)

    async def vacuum_needs(self) -> Facts:
        raise ActionFailed(_WHY)

    async def full_needs(self) -> Facts:
        raise ActionFailed(_WHY)

    async def full(self, _job: Job) -> Facts:
        raise ActionFailed(_WHY)

    async def tidy(self, _work: str, _stop: job.Stop) -> Facts:
        raise ActionFailed(_WHY)

    async def probe(self) -> Facts:
        raise ActionFailed(_WHY)

    async def close(self) -> None: ...


class NoDriverEdits:
    async def change(self, _edits: Sequence[Edit]) -> None:
        raise ActionFailed(_WHY)

    async def close(self) -> None: ...


@contextmanager
def no_driver_sessions(_stop: Stop) -> Iterator[Session]:
    raise Unreadable(_WHY, Source.SHOP_DATABASE)
    yield
