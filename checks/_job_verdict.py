"""The verdict on one job of the schedule, from its runs. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median
from typing import Final

from bot.core.model import Json, Reading, Severity, fires, ok, phrase, unknown
from checks import _runs
from checks._runs import Outcome, Run
from checks._scheduler_config import Config
from checks._slots import Slot, bad_in_a_row, history

ENOUGH_FOR_MEDIAN: Final = 3
WORSE_AFTER: Final = 2  # failures in a row
A_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """What is known of one job; `since` is when anything was first known of it."""

    name: str
    cron: str
    runs: Sequence[Run]
    since: datetime


def judge(runs: Mapping[str, Sequence[Run]], name: str, now: datetime, config: Config) -> Reading:
    """One job. Nothing is blamed on it before the first run that is known of it, or of any."""
    mine = [run for run in runs[name] if run.started <= now + config.grace]
    known = [run.started - config.grace for run in mine] or [
        run.started for others in runs.values() for run in others
    ]
    if not known:
        return unknown(name, phrase("scheduler_no_runs", job=name))
    job = Job(name=name, cron=config.schedule[name], runs=mine, since=min(known))
    return _judge(job, now, config)


def _judge(job: Job, now: datetime, config: Config) -> Reading:
    dues = history(job.cron, job.runs, job.since, now, config.grace)
    if not dues:
        return unknown(job.name, phrase("scheduler_not_due_yet", job=job.name), idle=True)
    # A run that has not ended yet is neither on time nor late.
    ended = [due for due in dues if due.slot is not Slot.RUNNING]
    recent = [due for due in ended if now - due.at <= A_DAY]
    on_time = [due for due in recent if due.slot is Slot.ON_TIME]
    rate = round(100 * len(on_time) / len(recent), 1) if recent else None
    in_a_row = max(bad_in_a_row(dues), _runs.failed_in_a_row(job.runs))
    last = job.runs[-1] if job.runs else None
    problem = _problem(dues[-1].slot, last, now, config, job)
    if problem is None and _too_low(rate, len(recent), config):
        problem = "rate"
    facts: dict[str, Json] = {
        "problem": problem,
        "job": job.name,
        "due": dues[-1].at.isoformat(),
        "slot": dues[-1].slot.value,
        "failed_in_row": in_a_row,
        "last_run": None if last is None else last.started.isoformat(),
        "last_sec": None if last is None else seconds_of(last, now),
        "usual_sec": usual_seconds(job.runs),
        "on_time_pct": rate,
        "due_runs": len(recent),
        "target_pct": config.slo_scheduler_on_time_pct,
        "error": None if last is None else last.error,
    }
    if problem is None:
        return ok(job.name, **facts)
    worse = in_a_row >= WORSE_AFTER or problem == "never_finished"
    return fires(job.name, Severity.ERROR if worse else Severity.WARNING, **facts)


def _problem(slot: Slot, last: Run | None, now: datetime, config: Config, job: Job) -> str | None:
    if slot.is_bad:
        return slot.value
    if last is None or last.outcome is not Outcome.RUNNING:
        return None
    usual = usual_seconds(job.runs)
    seconds = (now - last.started).total_seconds()
    limit = overrun_limit(usual, config)
    if seconds <= limit:
        return None
    return "never_finished" if seconds > max(limit, config.overrun_max_sec) else "overrunning"


def overrun_limit(usual: float | None, config: Config) -> float:
    if usual is None:
        return config.overrun_max_sec
    return max(config.overrun_times * usual, config.overrun_min_sec)


def usual_seconds(runs: Sequence[Run]) -> float | None:
    lengths = [
        run.seconds for run in runs if run.outcome is Outcome.SUCCESS and run.seconds is not None
    ]
    return round(median(lengths), 1) if len(lengths) >= ENOUGH_FOR_MEDIAN else None


def _too_low(rate: float | None, due_runs: int, config: Config) -> bool:
    if rate is None or due_runs < config.min_runs_for_rate:
        return False
    return rate < config.slo_scheduler_on_time_pct


def seconds_of(run: Run, now: datetime) -> float | None:
    if run.outcome is Outcome.RUNNING:
        return round((now - run.started).total_seconds(), 1)
    return run.seconds
