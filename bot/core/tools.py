"""What checks and remediations may touch. The edges implement these; tests fake them.

Whatever cannot be read raises `Unreadable` with a phrase for people, and nothing else.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from bot.core.archives import Archives, NoArchive, NoArchives, ShopArchive
from bot.core.letters import Letters, NoLetters
from bot.core.machine import HostState, LogLines, OwnState, ServiceConfig, Storage
from bot.core.markets import Markets, NoMarkets
from bot.core.model import Facts, Json, Row, Scalar


@dataclass(frozen=True, slots=True, kw_only=True)
class DatabaseSize:
    """Bytes of the shop's database and of the disk it lives on.

    `free_bytes` is what VACUUM gives back at least; `None` where the database cannot tell
    (PostgreSQL). `total` is what counts against the limit: file and write-ahead log.
    """

    name: str
    main_bytes: int
    wal_bytes: int
    free_bytes: int | None
    disk_free_bytes: int | None
    disk_total_bytes: int | None

    @property
    def total(self) -> int:
        return self.main_bytes + self.wal_bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanStep:
    """One line of a query plan; `scan`: it reads a whole table."""

    depth: int
    text: str
    scan: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class TableInfo:
    """A table or view. `rows` is an estimate that costs nothing; None: there is none."""

    name: str
    view: bool = False
    rows: int | None = None
    size_bytes: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnInfo:
    """`key`: its place in the primary key, from 1; 0: none."""

    name: str
    type: str
    required: bool = False
    key: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexInfo:
    name: str
    columns: Sequence[str]
    unique: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class TableSchema:
    columns: Sequence[ColumnInfo]
    indexes: Sequence[IndexInfo] = ()


class ShopDatabase(Protocol):
    """The watched database, read-only. Callers name a SQL template; they never hold SQL."""

    async def rows(self, query: str, /, **binds: Scalar) -> Sequence[Row]:
        """Run `templates/<query>` with bound values under a time and row limit.

        A date is passed as "YYYY-MM-DD", a time as "YYYY-MM-DD HH:MM:SS" (UTC).
        """
        ...

    async def require(self, needs: Mapping[str, Sequence[str]]) -> None:
        """Raise `Unreadable` naming every missing table, view and column of `needs`.

        Several tenants (`org_id`) in a needed table count as missing knowledge too.
        """
        ...

    async def size(self) -> DatabaseSize: ...

    async def plan(self, query: str, /, **binds: Scalar) -> Sequence[PlanStep]:
        """How the database would answer `templates/<query>`; the statement is not run."""
        ...

    async def tables(self) -> Sequence[TableInfo]: ...

    async def schema(self, table: str) -> TableSchema:
        """Columns and indexes; no columns: there is no such table or view."""
        ...


@dataclass(frozen=True, slots=True)
class Sample:
    """One line of a Prometheus exposition: `name{labels} value`."""

    name: str
    labels: Mapping[str, str]
    value: float


class WebApi(Protocol):
    """SoVAni's web API, as anybody may read it."""

    async def scrape(self, names: Collection[str]) -> Sequence[Sample]:
        """The samples of `/metrics` with these names (`_bucket`, `_count` … are names)."""
        ...

    async def metrics(self, part: str) -> Sequence[Sample]:
        """The samples whose name has this in it, a few thousand at most."""
        ...

    async def health(self) -> Facts:
        """`alive` in its own words, `ready` (None: it cannot say), `checks` by part.

        Raises `Unreadable` where it does not answer.
        """
        ...


class Prometheus(Protocol):
    async def query(self, promql: str) -> Sequence[Sample]: ...


class Service(StrEnum):
    """The only units that may be touched; their real names are settings."""

    BOT = "bot"
    WEB = "web"
    SCHEDULER = "scheduler"
    SELF = "self"  # this assistant's own


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceState:
    """`running` is what the manager says now; `run_id` changes with every start."""

    unit: str
    running: bool
    detail: str  # the manager's own words: "active (running)", "FATAL"
    run_id: str
    since: datetime | None = None
    restarts: int | None = None
    memory_bytes: int | None = None
    exit_code: int | None = None  # of the last run, where it has ended
    exit_signal: str | None = None  # such as "SIGKILL", where a signal ended it
    ended_at: datetime | None = None


class Services(Protocol):
    async def state(self, service: Service) -> ServiceState | None:
        """None where there is no service manager (`SERVICE_MANAGER=none`)."""
        ...


class ServiceLogs(Protocol):
    async def lines(self, service: Service, since: datetime, *, most: int) -> LogLines:
        """The newest `most` lines since then. Never empty for want of rights: it raises."""
        ...


class ServiceConfigs(Protocol):
    async def config(self, service: Service) -> ServiceConfig:
        """What the manager was told about the service: unit file, timers, crontab."""
        ...


class Host(Protocol):
    async def look(self) -> HostState:
        """Measure for half a second."""
        ...

    async def own(self) -> OwnState: ...


class ShopStorage(Protocol):
    async def storage(self, *, tables: bool = True) -> Storage:
        """Files, holders and biggest tables of the shop's database, within a time limit.

        Without `tables` they are not measured, which is what takes time.
        """
        ...


class Memory(Protocol):
    """Small JSON values that a check keeps from one round to the next, across restarts."""

    async def get(self, key: str) -> Json: ...

    async def put(self, key: str, value: Json) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Tools:
    """All a check may touch: nothing in here changes anything outside."""

    shop: ShopDatabase
    web: WebApi
    services: Services
    memory: Memory
    host: Host
    logs: ServiceLogs
    configs: ServiceConfigs
    storage: ShopStorage
    prometheus: Prometheus | None = None
    markets: Markets = field(default_factory=NoMarkets)
    archives: Archives = field(default_factory=NoArchives)


class ShopMaintenance(Protocol):
    """Writing access to the shop's database, opened for one remediation only."""

    async def vacuum(self) -> Facts:
        """Rewrite the file without its free pages, then give the space back.

        Facts: `seconds`, `before_bytes`, `after_bytes`, `space_returned` (false where a
        reader still holds the write-ahead log). Raises `ActionFailed`.
        """
        ...

    async def tidy(self, work: str) -> Facts:
        """Do "reindex", "analyze" or "checkpoint".

        Facts: `seconds`, `log_before_bytes`, `log_after_bytes`.
        """
        ...

    async def vacuum_needs(self) -> Facts:
        """`frees_bytes`, `needs_disk_bytes`, `disk_free_bytes`, `about_seconds`, `writers`."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """One statement, `templates/<query>`, that must change exactly so many rows."""

    query: str
    binds: Mapping[str, Scalar]
    rows: int = 1


class ShopEdits(Protocol):
    """Small changes of the shop's rows."""

    async def change(self, edits: Sequence[Edit]) -> None:
        """Carry out all of them in one transaction, or raise `ActionFailed` and change nothing."""
        ...


class WebAdmin(Protocol):
    async def clear_cache(self) -> Facts:
        """Ask the web API to drop its caches. Raises `ActionFailed`."""
        ...


class ServiceControl(Protocol):
    async def restart(self, service: Service) -> ServiceState:
        """Restart one of our units and wait until the manager has done it."""
        ...

    @property
    def own_run_id(self) -> str | None:
        """The `run_id` of the unit that this very process is; None: of none that we know."""
        ...

    async def run_unit(self, unit: str) -> None:
        """Start a unit of work and wait until it has ended well. Raises `ActionFailed`."""
        ...

    async def hand_over(self, service: Service) -> None:
        """Ask for the restart of the unit that we are, and do not wait for it."""
        ...


class ShopJobs(Protocol):
    """SoVAni's own jobs, started by hand. All raise `ActionFailed`."""

    def offered(self, job: str) -> bool:
        """Whether the settings say how "collect" or "recalc" is started."""
        ...

    async def run(self, job: str, args: Mapping[str, str], key: str) -> Facts:
        """Start it and wait for its end: `result`, what it says of itself."""
        ...

    async def reconcile(self, first: str, last: str, key: str) -> Facts:
        """Compare the commissions of these days with the rules again: `outliers_found`."""
        ...


class Notifier(Protocol):
    async def notify_admins(self, alert_id: int, key: str) -> Facts:
        """Queue a notice about the alert for the admin chat and every admin; `key` once only.

        Facts: `chats`, how many were written to.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionTools(Tools):
    """What remediations may touch besides: the few things that change the world."""

    maintenance: ShopMaintenance
    web_admin: WebAdmin
    control: ServiceControl
    notifier: Notifier
    jobs: ShopJobs
    letters: Letters = field(default_factory=NoLetters)
    edits: ShopEdits
    archive: ShopArchive = field(default_factory=NoArchive)
