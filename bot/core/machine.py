"""What is seen of the machine below the shop: resources, logs, configuration, files."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.core.model import Phrase

DISK_WARN_PCT, DISK_ERROR_PCT = 15.0, 5.0  # free, as the check of the database's growth judges


@dataclass(frozen=True, slots=True, kw_only=True)
class Disk:
    """One file system; `holds` says what lives there: "system", "shop", "state", "archive"."""

    mount: str
    total_bytes: int
    free_bytes: int
    holds: Sequence[str] = ()

    @property
    def free_pct(self) -> float:
        return round(100 * self.free_bytes / self.total_bytes, 1) if self.total_bytes else 0.0

    @property
    def lamp(self) -> str:
        if self.free_pct < DISK_ERROR_PCT:
            return "error"
        return "warning" if self.free_pct < DISK_WARN_PCT else "ok"


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """A process by its name alone: command lines carry secrets. 100 % is one whole core."""

    name: str
    pid: int
    cpu_pct: float
    memory_bytes: int
    unit: str | None = None  # the service it belongs to


@dataclass(frozen=True, slots=True, kw_only=True)
class HostState:
    load: tuple[float, float, float]  # of 1, 5 and 15 minutes
    cores: int
    cpu_pct: float  # of all cores together
    memory_bytes: int
    memory_free_bytes: int  # what programs could still get
    swap_bytes: int
    swap_used_bytes: int
    up_since: datetime
    disks: Sequence[Disk]
    busiest: Sequence[Program]  # by CPU
    largest: Sequence[Program]  # by memory


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnState:
    """The assistant itself."""

    pid: int
    since: datetime
    memory_bytes: int
    unit: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LogLine:
    """One line, cleaned of control characters and secrets. `priority` is syslog's, 3 an error."""

    at: datetime | None
    text: str
    pid: int | None = None
    priority: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LogLines:
    """The newest lines, oldest first. `cut`: there are more in the time that was asked for.

    `whole_from`: where it was cut, nothing is left out since then; None: nobody knows.
    """

    unit: str
    lines: Sequence[LogLine]
    cut: bool = False
    whole_from: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfigFile:
    """`text` has its secrets masked; `mark` changes with every change of the file, also theirs."""

    name: str
    text: str
    mark: str
    why: Phrase | None = None  # it cannot be read, and this is what to do about it


@dataclass(frozen=True, slots=True, kw_only=True)
class Timer:
    name: str
    starts: str
    next_at: datetime | None
    last_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceConfig:
    """`stale`: the files changed, and the manager has not read them again."""

    unit: str
    files: Sequence[ConfigFile]
    timers: Sequence[Timer] = ()
    stale: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredFile:
    name: str
    bytes: int
    at: datetime | None = None  # when it was last written


@dataclass(frozen=True, slots=True, kw_only=True)
class TableSize:
    """Bytes of a table with its indexes; `indexes_bytes` of the indexes alone."""

    name: str
    bytes: int
    indexes_bytes: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Connections:
    """Sessions of a database server, most numerous first; `most` is where it refuses more."""

    states: Sequence[tuple[str, int]]  # "idle", "active", "idle in transaction", "hidden"
    programs: Sequence[tuple[str, int]]
    most: int

    @property
    def open(self) -> int:
        return sum(count for _, count in self.states)

    @property
    def pct(self) -> float:
        return round(100 * self.open / self.most, 1) if self.most else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Storage:
    """The shop's database as a thing on a disk.

    SQLite: files, programs that hold it, its journal mode. PostgreSQL: connections.
    `tables` is None where measuring them took too long or is not possible.
    """

    dialect: str
    files: Sequence[StoredFile] = ()
    backups: Sequence[StoredFile] = ()
    holders: Sequence[str] = ()
    hidden_holders: bool = False  # programs of other users are not seen without root
    journal_mode: str | None = None
    tables: Sequence[TableSize] | None = None
    connections: Connections | None = None  # None: it is no server
