"""A machine as plain values: what questions about it are answered with."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TypedDict

from bot.core.machine import (
    ConfigFile,
    Connections,
    Disk,
    HostState,
    LogLine,
    LogLines,
    OwnState,
    Program,
    ServiceConfig,
    Storage,
    StoredFile,
    TableSize,
    Timer,
)
from bot.core.model import Unreadable
from bot.core.tools import (
    Host,
    Service,
    ServiceConfigs,
    ServiceLogs,
    ServiceState,
    ShopStorage,
)

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)  # as the conftest's
GB = 10**9
HOUR = timedelta(hours=1)


def program(name: str, pid: int, cpu: float, memory: int, unit: str | None = None) -> Program:
    return Program(name=name, pid=pid, cpu_pct=cpu, memory_bytes=memory, unit=unit)


PROGRAMS = [
    program("python3", 812, 187.4, 2_345_678_901, "sovani-scheduler.service"),
    program("python3", 813, 12.5, 812_000_000, "sovani-web-api.service"),
    *(program(f"a-program-with-a-long-name-{n}", 900 + n, 9.9 - n, 99_000_000) for n in range(8)),
]
HOST = HostState(
    load=(4.21, 3.5, 12.75),
    cores=2,
    cpu_pct=97.5,
    memory_bytes=16 * GB,
    memory_free_bytes=1 * GB,
    swap_bytes=4 * GB,
    swap_used_bytes=2 * GB,
    up_since=NOON - timedelta(days=12),
    disks=[
        Disk(mount="/", total_bytes=100 * GB, free_bytes=4 * GB, holds=["system", "state"]),
        Disk(
            mount="/srv/a/rather/long/mount/point/of/the/shop",
            total_bytes=2000 * GB,
            free_bytes=280 * GB,
            holds=["shop"],
        ),
    ],
    busiest=PROGRAMS,
    largest=PROGRAMS,
)
OWN = OwnState(
    pid=4242, since=NOON - 50 * HOUR, memory_bytes=91_000_000, unit="sovani-ops.service"
)
UNIT = """[Unit]
Description=SoVAni job scheduler
[Service]
User=sovani
Environment=APP_TIMEZONE=Europe/Moscow WB_STATS_TOKEN=«hidden»
ExecStart=/opt/sovani/venv/bin/python -m app.scheduler --concurrency 4 --log-level info
Restart=always"""
CONFIG = ServiceConfig(
    unit="sovani-scheduler.service",
    files=[
        ConfigFile(name="/etc/systemd/system/sovani-scheduler.service", text=UNIT, mark="1"),
        ConfigFile(
            name="/etc/systemd/system/sovani-scheduler.service.d/limits.conf", text="", mark=""
        ),
        ConfigFile(name="crontab -l", text="0 4 * * * /opt/sovani/bin/backup.sh", mark="2"),
    ],
    timers=[
        Timer(
            name="sovani-scheduler.timer",
            starts="sovani-scheduler.service",
            next_at=NOON + HOUR,
            last_at=NOON - HOUR,
        )
    ],
    stale=True,
)
STORAGE = Storage(
    dialect="sqlite",
    files=[
        StoredFile(name="sovani_bot.db", bytes=8_500_000_000, at=NOON),
        StoredFile(name="sovani_bot.db-wal", bytes=100_000_000, at=NOON),
        StoredFile(name="sovani_bot.db-shm", bytes=32_768, at=NOON),
    ],
    backups=[
        StoredFile(
            name=f"sovani_bot-before-the-great-migration-{n}.db.bak",
            bytes=7_000_000_000,
            at=NOON - timedelta(days=30 * n),
        )
        for n in range(1, 6)
    ],
    holders=["python3 (812)", "python3 (813)"],
    journal_mode="wal",
    tables=[
        TableSize(name="daily_sales", bytes=6_100_000_000, indexes_bytes=2_000_000_000),
        TableSize(name="a_table_with_quite_a_long_name", bytes=900_000_000, indexes_bytes=0),
        *(TableSize(name=f"table_{n}", bytes=10_000_000 - n) for n in range(12)),
    ],
)


def line(text: str, ago: timedelta = timedelta(), **more: int) -> LogLine:
    return LogLine(at=NOON - ago, text=text, **more)


def traceback(name: str, error: str, ago: timedelta, pid: int = 812) -> list[LogLine]:
    """Print it as Python does, one journal entry a line."""
    texts = [
        "Traceback (most recent call last):",
        '  File "/opt/sovani/app/scheduler/loop.py", line 88, in run',
        "    job.call()",
        f'  File "/opt/sovani/app/scheduler/{name}.py", line 41, in collect_yesterday_data',
        "    response = client.get(url)",
        error,
    ]
    return [line(text, ago, pid=pid) for text in texts]


LOG: Sequence[LogLine] = [
    *(
        one
        for n in range(17, 0, -1)
        for one in (
            line(f"2026-11-23 11:{n:02}:01,123 INFO app.jobs ingest of WB started", n * HOUR / 20),
            *traceback("jobs", f"httpx.ReadTimeout: timed out after {n} s", n * HOUR / 20),
        )
    ),
    line("ERROR <b>rate</b> limit & more: " + "x" * 268, HOUR / 60, priority=3),
    *(line("heartbeat", timedelta(seconds=n)) for n in range(9, 0, -1)),
]


@dataclass
class FakeMachine:
    """All four ports; a value may be the `Unreadable` to raise."""

    host: HostState | Unreadable = HOST
    log: Sequence[LogLine] | Unreadable = field(default_factory=lambda: LOG)
    cut: bool = False
    known: ServiceConfig | Unreadable = CONFIG
    stored: Storage | Unreadable = STORAGE
    asked: list[Mapping[str, object]] = field(default_factory=list)
    ours: Sequence[Disk] = ()

    async def disks(self) -> Sequence[Disk]:
        return self.ours

    async def look(self) -> HostState:
        if isinstance(self.host, Unreadable):
            raise self.host
        return self.host

    async def own(self) -> OwnState:
        return OWN

    async def lines(self, service: Service, since: datetime, *, most: int) -> LogLines:
        self.asked.append({"service": service, "since": since, "most": most})
        if isinstance(self.log, Unreadable):
            raise self.log
        kept = [one for one in self.log if one.at is None or one.at >= since]
        newest = kept[-most:]
        cut = self.cut or len(kept) > most
        first = next((one.at for one in newest if one.at), None)
        unit = f"sovani-{service}.service"
        return LogLines(unit=unit, lines=newest, cut=cut, whole_from=first if cut else None)

    async def config(self, service: Service) -> ServiceConfig:
        del service
        if isinstance(self.known, Unreadable):
            raise self.known
        return self.known

    async def connections(self) -> Connections | None:
        if isinstance(self.stored, Unreadable):
            raise self.stored
        return self.stored.connections

    async def storage(self, *, tables: bool = True) -> Storage:
        if isinstance(self.stored, Unreadable):
            raise self.stored
        return self.stored if tables else replace(self.stored, tables=None)


STATES: Mapping[Service, ServiceState] = {
    Service.BOT: ServiceState(
        unit="sovani-bot.service",
        running=True,
        detail="active (running)",
        run_id="1",
        since=NOON - 70 * HOUR,
        restarts=0,
        memory_bytes=123_000_000,
    ),
    Service.WEB: ServiceState(
        unit="sovani-web-api.service",
        running=True,
        detail="active (running)",
        run_id="2",
        since=NOON - HOUR,
        restarts=1234,
        memory_bytes=2_345_000_000,
    ),
    Service.SCHEDULER: ServiceState(
        unit="sovani-scheduler.service",
        running=False,
        detail="failed (failed)",
        run_id="",
        restarts=5,
        exit_code=1,
        ended_at=NOON - 2 * HOUR,
    ),
    Service.SELF: ServiceState(
        unit="sovani-ops.service", running=True, detail="active (running)", run_id="4"
    ),
}


@dataclass
class FakeStates:
    """A service manager that answers with states; None: there is none."""

    states: Mapping[Service, ServiceState | Unreadable] | None = field(
        default_factory=lambda: STATES
    )

    async def state(self, service: Service) -> ServiceState | None:
        if self.states is None:
            return None
        state = self.states[service]
        if isinstance(state, Unreadable):
            raise state
        return state


class Ports(TypedDict):
    host: Host
    logs: ServiceLogs
    configs: ServiceConfigs
    storage: ShopStorage


def ports(machine: FakeMachine | None = None) -> Ports:
    """Give the machine to `Tools(…, **ports())`."""
    found = machine or FakeMachine()
    return Ports(host=found, logs=found, configs=found, storage=found)
