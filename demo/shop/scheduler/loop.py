"""Runs each job when it is due, and at once after a start when its last due run is missing."""

import logging
import sqlite3
from collections.abc import Callable
from datetime import datetime
from threading import Event

from demo.shop.schedule import last_due, next_due
from demo.shop.scheduler import runs
from demo.shop.scheduler.jobs import JOBS, JobFailed
from demo.shop.settings import Settings

NAP = 5.0  # seconds: the longest sleep, so that a changed clock is noticed
_log = logging.getLogger("sovani.scheduler")


class Scheduler:
    """`clock` gives the time in UTC; `stop` ends the loop between two jobs."""

    def __init__(self, settings: Settings, clock: Callable[[], datetime], stop: Event) -> None:
        self._settings = settings
        self._clock = clock
        self._stop = stop

    def run(self) -> None:
        self._log_in()
        self.catch_up()
        due = {job: next_due(cron, self._clock()) for job, cron in self._settings.jobs.items()}
        while not self._stop.is_set():
            for job, moment in due.items():
                if moment <= self._clock() and not self._stop.is_set():
                    self.perform(job)
                    due[job] = next_due(self._settings.jobs[job], self._clock())
            wait = (min(due.values()) - self._clock()).total_seconds()
            self._stop.wait(min(max(wait, 0.0), NAP))

    def catch_up(self) -> None:
        """Run each job that has not succeeded since it was last due."""
        now = self._clock()
        for job, cron in self._settings.jobs.items():
            if self._stop.is_set():
                return
            if not self._succeeded(job, last_due(cron, now)):
                _log.info("%s: catching up", job)
                self.perform(job)

    def perform(self, job: str) -> None:
        """Run a job and write down how it went; a trouble of one run never ends the loop."""
        try:
            self._perform(job)
        except (OSError, sqlite3.Error):
            _log.exception("%s: the run could not be written down", job)

    def _perform(self, job: str) -> None:
        database = self._settings.database
        run = runs.begin(database, job, self._clock())
        try:
            details = JOBS[job](self._settings, self._clock())
        except JobFailed as failure:
            _log.error("ERROR %s: %s", job, failure)  # an outcome, no bug
            runs.finish(database, run, self._clock(), failure.details, str(failure))
        except Exception as failure:  # noqa: BLE001  # the journal must tell of any failure
            _log.exception("%s failed", job)
            runs.finish(database, run, self._clock(), {}, f"{type(failure).__name__}: {failure}")
        else:
            runs.finish(database, run, self._clock(), details)
            _log.info("%s: success %s", job, details)

    def _log_in(self) -> None:
        """Open new marketplace sessions, and close what a killed scheduler left behind."""
        self._settings.session_lost.unlink(missing_ok=True)
        try:
            runs.close_abandoned(self._settings.database, self._clock())
        except (OSError, sqlite3.Error):
            _log.exception("the journal of runs is out of reach")

    def _succeeded(self, job: str, since: datetime) -> bool:
        try:
            return runs.succeeded_since(self._settings.database, job, since)
        except (OSError, sqlite3.Error):
            _log.exception("%s: cannot tell when it last ran", job)
            return False
