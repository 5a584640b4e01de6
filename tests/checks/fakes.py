"""What checks may touch besides the database, as plain values."""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from bot.core.markets import Answer, Key, Reach
from bot.core.model import Facts, Json, Moment, Row, Scalar, Unreadable
from bot.core.tools import (
    DatabaseSize,
    PlanStep,
    Sample,
    Service,
    ServiceState,
    ShopDatabase,
    TableInfo,
    TableSchema,
)

MOSCOW = ZoneInfo("Europe/Moscow")
# A Monday, 12:00 in Moscow.
NOON = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


def moment(
    now: datetime = NOON,
    zone: ZoneInfo = MOSCOW,
    opened: Mapping[str, datetime] | None = None,
) -> Moment:
    return Moment(now=now, zone=zone, open=opened or {})


@dataclass
class FakeMemory:
    """Keeps text, as the real one does: what is not JSON fails here too."""

    kept: dict[str, str] = field(default_factory=dict)

    async def get(self, key: str) -> Json:
        return json.loads(self.kept.get(key, "null"))  # type: ignore[no-any-return]

    async def put(self, key: str, value: Json) -> None:
        self.kept[key] = json.dumps(value, allow_nan=False)


@dataclass
class FakeServices:
    answer: ServiceState | Unreadable | None = None

    async def state(self, service: Service) -> ServiceState | None:
        assert service is Service.SCHEDULER
        if isinstance(self.answer, Unreadable):
            raise self.answer
        return self.answer


@dataclass
class FakeWeb:
    answer: Sequence[Sample] | Unreadable = ()
    healthy: Facts = field(
        default_factory=lambda: {"alive": "healthy", "ready": True, "checks": {}}
    )

    async def scrape(self, names: Collection[str]) -> Sequence[Sample]:
        if isinstance(self.answer, Unreadable):
            raise self.answer
        return [sample for sample in self.answer if sample.name in names]

    async def metrics(self, part: str) -> Sequence[Sample]:
        if isinstance(self.answer, Unreadable):
            raise self.answer
        return [sample for sample in self.answer if part in sample.name]

    async def health(self) -> Facts:
        return self.healthy


@dataclass
class FakePrometheus:
    answers: dict[str, Sequence[Sample]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    async def query(self, promql: str) -> Sequence[Sample]:
        self.asked.append(promql)
        return next((v for start, v in self.answers.items() if promql.startswith(start)), ())


@dataclass
class FakeSize:
    """A database of which only the size is asked."""

    answer: DatabaseSize

    async def rows(self, query: str, /, **_binds: Json) -> Sequence[dict[str, None]]:
        raise AssertionError(query)

    async def require(self, needs: object) -> None:
        raise AssertionError(needs)

    async def size(self) -> DatabaseSize:
        return self.answer

    async def plan(self, query: str, /, **_binds: Json) -> Sequence[PlanStep]:
        raise AssertionError(query)

    async def tables(self) -> Sequence[TableInfo]:
        raise AssertionError

    async def schema(self, table: str) -> TableSchema:
        raise AssertionError(table)


def spaced(text: str) -> str:
    """Put plain spaces and hyphens where people read narrow and real ones: tests are typed."""
    return text.replace("\N{NARROW NO-BREAK SPACE}", " ").replace("\N{MINUS SIGN}", "-")


@dataclass
class FakeMarkets:
    """Keys, answers and ways as a test sets them; counts how often anybody was asked."""

    known: Sequence[Key] = ()
    answers: Mapping[str, Answer] = field(default_factory=dict)
    ways: Sequence[Reach] = ()
    resting: Mapping[str, datetime] = field(default_factory=dict)
    asked: int = 0

    def keys(self, now: datetime) -> Sequence[Key]:
        del now
        return self.known

    async def try_keys(self) -> Mapping[str, Answer]:
        self.asked += 1
        return self.answers

    async def reach(self) -> Sequence[Reach]:
        self.asked += 1
        return self.ways

    async def pauses(self, now: datetime) -> Mapping[str, datetime]:
        del now
        return self.resting

    async def sales_pause(self, now: datetime) -> datetime | None:
        del now
        return max(self.resting.values(), default=None)


@dataclass
class Asked:
    """The shop's database, with a list of what was asked of it."""

    shop: ShopDatabase
    queries: list[str] = field(default_factory=list)

    def __getattr__(self, name: str) -> object:
        return getattr(self.shop, name)

    async def rows(self, query: str, /, **binds: Scalar) -> Sequence[Row]:
        self.queries.append(query.partition("/")[2].partition(".")[0])
        return await self.shop.rows(query, **binds)

    def taken(self) -> list[str]:
        taken, self.queries = self.queries, []
        return taken
