"""A shop's file that VACUUM can shrink, and the taps that start it: what `vacuum` measures."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from pathlib import Path

from benchmarks._stage import Stage, data_of
from demo.telegram import ANN, Json

FREE_BYTES = 200_000_000  # that VACUUM gives back: it refuses to run for little
PAGE = 100_000  # bytes of a row that fills the file
LOOK_EVERY = 0.05
LOOKS = "🔎"
COOLDOWN = 70.0  # seconds between two runs of one remediation, and a little more
ENDED = ("succeeded", "not_verified", "failed", "refused", "interrupted", "expired")
STATE = "SELECT state, after FROM runs ORDER BY id DESC LIMIT 1"


class NotVacuumedError(RuntimeError):
    """The run did not do its work, so nothing was measured."""


def bloat(database: Path) -> None:
    """Fill the file and empty it again, as a retention job does."""
    with closing(sqlite3.connect(database, timeout=60)) as connection, connection:
        connection.execute("CREATE TABLE filler (content BLOB)")
        rows = ((bytes(PAGE),) for _ in range(FREE_BYTES // PAGE))
        connection.executemany("INSERT INTO filler VALUES (?)", rows)
        connection.execute("DROP TABLE filler")
    with closing(sqlite3.connect(database, timeout=60)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def to_rollback_journal(database: Path) -> None:
    """Leave WAL mode, which needs a moment in which nobody else has the file open."""
    with closing(sqlite3.connect(database, timeout=60)) as connection:
        connection.execute("PRAGMA journal_mode=DELETE")


@dataclass(slots=True)
class Vacuum:
    """The newest run, read from the assistant's own tables."""

    connection: sqlite3.Connection

    def state(self) -> str:
        return str(self.connection.execute(STATE).fetchone()[0])

    @property
    def under_way(self) -> bool:
        return self.state() in {"requested", "running"}

    async def until(self, *states: str) -> None:
        while (now := self.state()) not in states:
            if now in ENDED:
                raise NotVacuumedError(now)
            await asyncio.sleep(LOOK_EVERY)


@asynccontextmanager
async def vacuuming(chat: Stage, card: Json) -> AsyncIterator[Vacuum]:
    """Press the button and confirm; the block begins when VACUUM does, and awaits its end."""
    await chat.phone.tap_and_wait(ANN, card, "Run VACUUM")
    question = await chat.card("Run VACUUM", "Yes: Run VACUUM")
    yes = data_of(question, "Yes: Run VACUUM")
    await chat.phone.answer(await chat.phone.tap(ANN, question, data=yes))
    with closing(sqlite3.connect(f"file:{chat.state}?mode=ro", uri=True)) as connection:
        run = Vacuum(connection)
        await run.until("running")
        yield run
        await run.until("succeeded", "not_verified")


async def cash(chat: Stage, *, timeout: float = 30.0) -> str:  # noqa: ASYNC109  # of the emulator's client
    """Ask /cash in the private chat; return the first words of the answer."""
    said = await chat.phone.say(ANN, "/cash")
    number = said["message_id"]
    answer = await chat.phone.wait_for(
        ANN,
        # What it says while it looks is no answer: that is edited into it.
        lambda each: (
            each["out"] and each["message_id"] > number and not each["text"].startswith(LOOKS)
        ),
        timeout=timeout,
    )
    first = str(answer["text"]).partition("\n")[0]
    return first.replace(str(chat.database), chat.database.name)


def growth_thresholds(database: Path) -> dict[str, str]:
    """A file with free pages fires, the same file without them does not."""
    limit = database.stat().st_size + FREE_BYTES // 2
    return {
        "CHECKS__DB_GROWTH__WARN_BYTES": str(limit),
        "CHECKS__DB_GROWTH__ERROR_BYTES": str(10 * limit),
        "CHECKS__DB_GROWTH__LIMIT_BYTES": str(20 * limit),
        "CHECKS__DB_GROWTH__DISK_WARN_PCT": "0",
        "CHECKS__DB_GROWTH__DISK_ERROR_PCT": "0",
        "CHECKS__DB_GROWTH__INTERVAL_SEC": "2",
    }
