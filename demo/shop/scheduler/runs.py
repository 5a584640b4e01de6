"""The journal of runs, `job_runs`."""

import json
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from demo.shop.clock import moment_of, stamp
from demo.shop.database import reading, writing


def begin(database: Path, job: str, now: datetime) -> int:
    with writing(database) as connection:
        query = "INSERT INTO job_runs (job_name, started_at, status) VALUES (?, ?, 'running')"
        return int(connection.execute(query, (job, stamp(now))).lastrowid or 0)


def finish(
    database: Path,
    run: int,
    now: datetime,
    details: Mapping[str, object],
    error: str | None = None,
) -> None:
    with writing(database) as connection:
        query = "SELECT started_at FROM job_runs WHERE id = ?"
        started = connection.execute(query, (run,)).fetchone()[0]
        seconds = max(0.0, (now - moment_of(started)).total_seconds())
        status = "failed" if error else "success"
        connection.execute(
            "UPDATE job_runs SET finished_at = ?, status = ?, duration_seconds = ?,"
            " error_message = ?, metadata = ? WHERE id = ?",
            (stamp(now), status, round(seconds, 3), error, json.dumps(details), run),
        )


def close_abandoned(database: Path, now: datetime) -> int:
    """Mark as failed what a killed scheduler left `running`; there is only one scheduler."""
    with writing(database) as connection:
        return connection.execute(
            "UPDATE job_runs SET status = 'failed', finished_at = ?, duration_seconds ="
            " (julianday(?) - julianday(started_at)) * 86400.0,"
            " error_message = 'The scheduler was stopped during the run' WHERE status = 'running'",
            (stamp(now), stamp(now)),
        ).rowcount


def succeeded_since(database: Path, job: str, since: datetime) -> bool:
    query = (
        "SELECT 1 FROM job_runs WHERE job_name = ? AND started_at >= ? AND status = 'success'"
        " LIMIT 1"
    )
    with reading(database) as connection:
        return connection.execute(query, (job, stamp(since))).fetchone() is not None
