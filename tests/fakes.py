"""Stand-ins for the edges. Plain classes with lists in them; nothing is patched."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import TypeAlias

from bot.core.job import Job, Stop
from bot.core.model import Facts, Json, Moment, Reading, Row, Scalar, Unreadable, phrase
from bot.core.runbook import ActionFailed, Question, Refused, Remediation, Runbook
from bot.core.tools import (
    ActionTools,
    DatabaseSize,
    Edit,
    PlanStep,
    Sample,
    Service,
    ServiceState,
    TableInfo,
    TableSchema,
    Tools,
    UnitState,
)
from tests.machine import ports

SIZES = {
    "main_bytes": 5_600_000_000,
    "wal_bytes": 0,
    "free_bytes": 2_500_000_000,
    "warn_bytes": 5_000_000_000,
    "error_bytes": 8_000_000_000,
    "limit_bytes": 10_000_000_000,
    "disk_free_bytes": 40_000_000_000,
    "disk_free_pct": 40.0,
    "growth_bytes_per_day": None,
    "days_to_limit": None,
    "cause": "size",
}
FULL = {**SIZES, "total_bytes": 5_600_000_000}
SLIM = {**SIZES, "total_bytes": 3_100_000_000}
VACUUMED = {
    "before_bytes": 5_600_000_000,
    "after_bytes": 3_100_000_000,
    "seconds": 38,
    "space_returned": True,
}


Answer: TypeAlias = Sequence[Row] | Callable[..., Sequence[Row]]  # the same always, or by binds


SMALL = DatabaseSize(
    name="shop.db",
    main_bytes=1,
    wal_bytes=0,
    free_bytes=0,
    disk_free_bytes=1,
    disk_total_bytes=1,
)


@dataclass
class FakeShop:
    missing: str | None = None
    answers: Mapping[str, Sequence[Row] | Callable[..., Sequence[Row]]] = field(
        default_factory=dict
    )
    catalogue: Sequence[TableInfo] = ()
    schemas: Mapping[str, TableSchema] = field(default_factory=dict)
    plans: Sequence[PlanStep] = ()
    measured: DatabaseSize = SMALL

    async def rows(self, query: str, /, **binds: Scalar) -> Sequence[Row]:
        answer = self.answers.get(query, [])
        return answer(**binds) if callable(answer) else answer

    async def require(self, needs: Mapping[str, Sequence[str]]) -> None:
        if self.missing in needs:
            raise Unreadable(phrase("shop_missing_column", column=self.missing))

    async def size(self) -> DatabaseSize:
        return self.measured

    async def plan(self, query: str, /, **_binds: Scalar) -> Sequence[PlanStep]:
        del query
        return self.plans

    async def tables(self) -> Sequence[TableInfo]:
        return self.catalogue

    async def schema(self, table: str) -> TableSchema:
        return self.schemas.get(table, TableSchema(columns=()))


@dataclass
class World:
    """Everything outside, in one place: what tests set and what was done to it."""

    readings: Sequence[Reading] | Exception = ()
    preflight: Facts | Refused | Exception = field(default_factory=dict)
    outcome: Facts | Exception = field(default_factory=lambda: VACUUMED)
    done: list[str] = field(default_factory=list)
    on_act: Callable[[], object] = lambda: None


class FakeWeb:
    async def scrape(self, names: Collection[str]) -> Sequence[Sample]:
        del names
        return []

    async def metrics(self, part: str) -> Sequence[Sample]:
        del part
        return []

    async def clear_cache(self) -> Facts:
        return {}

    async def health(self) -> Facts:
        return {"alive": "healthy", "ready": True, "checks": {}}


class FakeServices:
    own_run_id: str | None = None

    async def hand_over(self, service: Service) -> None: ...

    async def state(self, service: Service) -> ServiceState | None:
        del service
        return None

    async def unit_state(self, unit: str) -> UnitState:
        raise AssertionError(f"nobody asks for {unit}")

    async def stop_unit(self, unit: str) -> None:
        raise AssertionError(f"{unit} must not be stopped")

    async def run_unit(self, unit: str) -> None:
        raise AssertionError(f"{unit} must not be started")

    async def restart(self, service: Service) -> ServiceState:
        return ServiceState(unit=service, running=True, detail="active", run_id="2")


class FakeMemory:
    def __init__(self) -> None:
        self.kept: dict[str, Json] = {}

    async def get(self, key: str) -> Json:
        return self.kept.get(key)

    async def put(self, key: str, value: Json) -> None:
        self.kept[key] = value


class FakeMaintenance:
    def __init__(self, world: World) -> None:
        self.world = world

    async def full_needs(self) -> Facts:
        raise AssertionError("nothing asks what VACUUM FULL needs")

    async def full(self, job: Job) -> Facts:
        raise AssertionError(f"VACUUM FULL must not be done: {job.key}")

    async def tidy(self, work: str, stop: Stop) -> Facts:
        del stop
        raise AssertionError(f"{work} must not be done")

    async def vacuum_needs(self) -> Facts:
        if isinstance(self.world.preflight, Refused):
            raise ActionFailed(self.world.preflight.why)
        if isinstance(self.world.preflight, Exception):
            raise self.world.preflight
        return self.world.preflight

    async def probe(self) -> Facts:
        return {}

    async def vacuum(self, stop: Stop) -> Facts:
        del stop
        self.world.done.append("vacuum")
        self.world.on_act()
        if isinstance(self.world.outcome, Exception):
            raise self.world.outcome
        return self.world.outcome


class FakeJobs:
    def unit(self, job: str, day: date) -> str | None:
        del job, day
        return None

    def offered(self, job: str) -> bool:
        return bool(job)

    async def run(self, job: str, args: Mapping[str, str], key: str) -> Facts:
        raise AssertionError(f"{job} must not be started: {dict(args)} {key}")

    async def reconcile(self, first: str, last: str, key: str) -> Facts:
        raise AssertionError(f"{first} {last} {key}")


class FakeEdits:
    async def change(self, edits: Sequence[Edit]) -> None:
        raise AssertionError(f"nothing may be changed: {list(edits)}")


class FakeNotifier:
    def __init__(self) -> None:
        self.told: list[tuple[int, str]] = []

    async def notify_admins(self, alert_id: int, key: str) -> Facts:
        self.told.append((alert_id, key))
        return {"chats": 1}


def tools(world: World) -> "WorldTools":
    services = FakeServices()
    web = FakeWeb()
    return WorldTools(
        shop=FakeShop(),
        web=web,
        services=services,
        memory=FakeMemory(),
        maintenance=FakeMaintenance(world),
        web_admin=web,
        control=services,
        notifier=FakeNotifier(),
        jobs=FakeJobs(),
        edits=FakeEdits(),
        **ports(),
        world=world,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class WorldTools(ActionTools):
    world: World


def runbook(**changes: object) -> Runbook:
    async def detect(tools: Tools, _moment: Moment) -> Sequence[Reading]:
        assert isinstance(tools, WorldTools)
        if isinstance(tools.world.readings, Exception):
            raise tools.world.readings
        return tools.world.readings

    async def read(_tools: Tools, _moment: Moment) -> Facts:
        return {}

    made = Runbook(
        name="check_db_growth",
        title="Database growth",
        number=5,
        detect=detect,
        needs={"daily_sales": ["d"]},
        diagnose=Question(
            name="diagnose", label="Diagnose", template="db_growth/diagnosis.html.j2", read=read
        ),
        remediations=["remediate_vacuum_db"],
        automatic="remediate_vacuum_db",
    )
    return replace(made, **changes)  # type: ignore[arg-type]  # a test's own fields


def remediations() -> list[Remediation]:
    async def preflight(tools: ActionTools, _job: Job) -> Facts | Refused:
        try:
            return await tools.maintenance.vacuum_needs()
        except ActionFailed as refused:
            return Refused(refused.why)

    async def act(tools: ActionTools, job: Job) -> Facts:
        return await tools.maintenance.vacuum(job.stop)

    vacuum = Remediation(
        name="remediate_vacuum_db",
        label="Run VACUUM",
        target="shop database",
        preflight=preflight,
        act=act,
        disruptive=True,
    )
    return [vacuum]
