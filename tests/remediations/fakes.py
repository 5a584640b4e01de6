"""Ten-line stand-ins for what remediations may touch; whatever is not faked must not be used."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import TypeVar, cast
from zoneinfo import ZoneInfo

from bot.core.job import Job, Stop
from bot.core.model import (
    Alert,
    Facts,
    Moment,
    Person,
    Row,
    Scalar,
    Severity,
    State,
    Unreadable,
    phrase,
)
from bot.core.tools import (
    ActionTools,
    Host,
    Memory,
    Notifier,
    Service,
    ServiceConfigs,
    ServiceControl,
    ServiceLogs,
    Services,
    ServiceState,
    ShopDatabase,
    ShopEdits,
    ShopJobs,
    ShopMaintenance,
    ShopStorage,
    UnitState,
    WebAdmin,
    WebApi,
)
from bot.core.tools.calendar import JobCalendar, NoCalendar

NOW = datetime(2026, 11, 22, 11, 25, tzinfo=UTC)
MOMENT = Moment(now=NOW, zone=ZoneInfo("Europe/Moscow"))
KEY = "run-17"
JOB = Job(moment=MOMENT, key=KEY, who=Person(id=7, name="Ann"))
T = TypeVar("T")


def alert(number: int = 7) -> Alert:
    return Alert(
        id=number,
        check="check_cash_balance_threshold",
        subject="cash",
        severity=Severity.CRITICAL,
        state=State.FIRING,
        facts={},
        opened_at=NOW,
        told_at=NOW,
    )


def unit(name: str, *, run_id: str = "1", restarts: int = 0) -> ServiceState:
    return ServiceState(
        unit=name, running=True, detail="active (running)", run_id=run_id, restarts=restarts
    )


def scheduler(*, running: bool = True, detail: str = "active (running)") -> ServiceState:
    return ServiceState(unit="sovani-scheduler", running=running, detail=detail, run_id="1")


@dataclass
class Answers:
    """Answers every call with the same value, or raises it; `calls` keeps what was asked."""

    value: object = None
    calls: list[tuple[object, ...]] = field(default_factory=list)

    def say(self, kind: type[T] | Callable[..., T], *call: object) -> T:
        del kind  # only tells the type checker what comes back
        self.calls.append(call)
        if isinstance(self.value, Exception):
            raise self.value
        return cast("T", self.value)


class FakeShop(Answers):
    async def rows(self, query: str, /, **binds: Scalar) -> Sequence[Row]:
        return self.say(list[Row], query, binds)


class FakeServices(Answers):
    async def state(self, service: Service) -> ServiceState | None:
        return self.say(ServiceState, service)


class FakeMaintenance(Answers):
    async def vacuum(self, stop: Stop) -> Facts:
        del stop
        return self.say(dict, "vacuum")

    async def vacuum_needs(self) -> Facts:
        return self.say(dict, "vacuum_needs")

    async def full_needs(self) -> Facts:
        return self.say(dict, "full_needs")

    async def full(self, job: Job) -> Facts:
        return self.say(dict, "full", job.key)

    async def tidy(self, work: str, stop: Stop) -> Facts:
        del stop
        return self.say(dict, "tidy", work)

    async def probe(self) -> Facts:
        return self.say(dict, "probe")


@dataclass
class FakeHealth:
    """A web API that is silent for some looks, then well."""

    silent: int = 0
    calls: int = 0

    async def health(self) -> Facts:
        self.calls += 1
        if self.calls <= self.silent:
            raise Unreadable(phrase("http_refused", where="http://localhost:8000"))
        return {"alive": "healthy"}


class FakeWebAdmin(Answers):
    async def clear_cache(self) -> Facts:
        return self.say(dict, "clear_cache")


class FakeControl(Answers):
    own_run_id: str | None = None

    async def restart(self, service: Service) -> ServiceState:
        return self.say(ServiceState, service)

    async def run_unit(self, unit: str) -> None:
        self.say(object, "run", unit)

    async def unit_state(self, unit: str) -> UnitState:
        return self.say(UnitState, "state", unit)

    async def stop_unit(self, unit: str) -> None:
        self.say(object, "stop", unit)

    async def hand_over(self, service: Service) -> None:
        self.say(object, "hand over", service)


@dataclass
class FakeJobs(Answers):
    names: tuple[str, ...] = ("collect", "recalc")

    units: Mapping[str, str] = field(default_factory=dict)

    def offered(self, job: str) -> bool:
        return job in self.names

    def unit(self, job: str, day: date) -> str | None:
        known = self.units.get(job)
        return known and known.replace("{date}", day.isoformat())

    async def run(self, job: str, args: Mapping[str, str], key: str) -> Facts:
        return self.say(dict, job, dict(args), key)

    async def reconcile(self, first: str, last: str, key: str) -> Facts:
        return self.say(dict, first, last, key)


class FakeNotifier(Answers):
    async def notify_admins(self, alert_id: int, key: str) -> Facts:
        return self.say(dict, alert_id, key)


def tools(**given: object) -> ActionTools:
    """Give only these; touching anything else fails with AttributeError."""
    calendar = cast("JobCalendar", given.get("calendar") or NoCalendar())
    return ActionTools(
        calendar=calendar,
        shop=cast("ShopDatabase", given.get("shop")),
        web=cast("WebApi", given.get("web")),
        services=cast("Services", given.get("services")),
        memory=cast("Memory", given.get("memory")),
        maintenance=cast("ShopMaintenance", given.get("maintenance")),
        web_admin=cast("WebAdmin", given.get("web_admin")),
        control=cast("ServiceControl", given.get("control")),
        notifier=cast("Notifier", given.get("notifier")),
        host=cast("Host", given.get("host")),
        logs=cast("ServiceLogs", given.get("logs")),
        configs=cast("ServiceConfigs", given.get("configs")),
        storage=cast("ShopStorage", given.get("storage")),
        jobs=cast("ShopJobs", given.get("jobs")),
        edits=cast("ShopEdits", given.get("edits")),
    )
