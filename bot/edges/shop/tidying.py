"""REINDEX, ANALYZE and a checkpoint of a SQLite file, as blocking calls."""

import sqlite3
import time
from pathlib import Path

from bot.core.model import Facts, phrase
from bot.core.runbook import ActionFailed
from bot.edges.shop.sqlite import beside, bytes_of
from bot.edges.shop.threads import Stop
from bot.edges.shop.vacuum import LOCK_SECONDS, checkpoint
from bot.edges.shop.writing import writing

STATEMENTS = {"reindex": "REINDEX", "analyze": "ANALYZE"}


def tidy(path: Path, stop: Stop, work: str, *, checkpoint_seconds: float) -> Facts:
    """Do one of "reindex", "analyze", "checkpoint"; `seconds` and the log before and after."""
    before, started = bytes_of(beside(path, "-wal")), time.monotonic()
    with writing(path, busy_seconds=LOCK_SECONDS) as connection:
        if work == "checkpoint":
            if not checkpoint(connection, stop, seconds=checkpoint_seconds):
                stop.look()
                raise ActionFailed(phrase("tidy_readers"))
        else:
            _interruptible(connection, STATEMENTS[work], stop)
    return {
        "seconds": round(time.monotonic() - started, 2),
        "log_before_bytes": before,
        "log_after_bytes": bytes_of(beside(path, "-wal")),
    }


def _interruptible(connection: sqlite3.Connection, statement: str, stop: Stop) -> None:
    with stop.interrupts(connection):
        connection.set_progress_handler(lambda: stop.asked, 10_000)
        connection.execute(statement)
        connection.set_progress_handler(None, 0)
