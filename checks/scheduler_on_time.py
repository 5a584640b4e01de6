"""Jobs do not run, fail, or run on and on; or the scheduler itself is down.

Sees      a due run that is missing, failed or over three times its usual length, an on-time
          rate under the target, and a scheduler service that does not run.
Explains  the last runs of each job with their lengths, and the state of the service.
Repairs   by a restart of the scheduler, once an episode.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from statistics import median
from typing import Annotated, Final

from cronsim import CronSim, CronSimError
from pydantic import AfterValidator, BeforeValidator, Field

from bot.core.model import (
    Facts,
    Json,
    Moment,
    Reading,
    Severity,
    Unreadable,
    fires,
    ok,
    phrase,
    unknown,
)
from bot.core.runbook import Runbook
from bot.core.slo import Objective
from bot.core.tools import Service, ServiceState, Tools
from checks import _job_numbers, _kept_runs, _resources, _runs
from checks._config import CheckConfig, diagnose
from checks._runs import Outcome, Run
from checks._slots import Slot, bad_in_a_row, history
from checks._steps.scheduler_on_time import STEPS

SERVICE: Final = "sovani-scheduler"
RUNS_SHOWN: Final = 5
ENOUGH_FOR_MEDIAN: Final = 3
WORSE_AFTER: Final = 2  # failures in a row
TOO_LONG: Final = ("overrunning", "never_finished")
A_DAY: Final = timedelta(days=1)


def _parsed(value: object) -> object:
    """Read the JSON in which an environment variable holds the whole schedule."""
    return json.loads(value) if isinstance(value, str) else value


def _is_cron(value: str) -> str:
    try:
        CronSim(value, datetime(2026, 1, 1, tzinfo=UTC))
    except CronSimError as error:
        raise ValueError(f'not a cron expression such as "0 2 * * *": {error}') from error
    return value


Cron = Annotated[str, AfterValidator(_is_cron)]


class Config(CheckConfig, title="CHECKS__SCHEDULER_ON_TIME"):
    slo_scheduler_on_time_pct: float = Field(
        default=98.0, gt=0, le=100, description="Runs on time, in %, if not SoVAni's own."
    )
    schedule: Annotated[dict[str, Cron], BeforeValidator(_parsed)] = Field(
        default={  # job: cron in UTC
            "collect_yesterday_data": "0 2 * * *",
            "recalc_recent_metrics": "0 3 * * *",
        },
        description="The expected jobs as JSON: name to cron expression, in UTC.",
        min_length=1,
    )
    grace_sec: float = Field(
        default=900, ge=0, description="Seconds after its due time that a run is still on time."
    )
    overrun_times: float = Field(
        default=3.0, gt=1, description="So many times its usual length is too long."
    )
    overrun_min_sec: float = Field(
        default=60, ge=0, description="Runs shorter than this, in seconds, are never too long."
    )
    overrun_max_sec: float = Field(
        default=3600, gt=0, description="The limit in seconds where no usual length is known."
    )
    min_runs_for_rate: int = Field(
        default=10, ge=1, description="With fewer runs in 24 hours the rate is not judged."
    )

    @property
    def grace(self) -> timedelta:
        return timedelta(seconds=self.grace_sec)


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """What is known of one job; `since` is when anything was first known of it."""

    name: str
    cron: str
    runs: Sequence[Run]
    since: datetime


def runbook(config: Config) -> Runbook:
    return Runbook(
        name="check_scheduler_on_time",
        title="Scheduler",
        number=6,
        detect=partial(detect, config=config),
        diagnose=diagnose(
            "scheduler_on_time",
            partial(diagnosis, config=config),
            leads={
                "Logs 1h": "logs scheduler 60",
                "Errors 24h": "logs scheduler 1440 error",
                "Traceback": "logs scheduler 1440 traceback",
                "Scheduler": "svc scheduler",
                "Machine": "host",
                "Config": "config scheduler",
            },
        ),
        needs=_runs.NEEDS,
        remediations=["remediate_restart_scheduler"],
        automatic="remediate_restart_scheduler",
        keeps=("on_time_pct", "last_sec"),
        details={"jobs": partial(jobs, config=config)},
        objective=Objective(
            name="scheduler",
            target_pct=config.slo_scheduler_on_time_pct,
            events=partial(_kept_runs.read, schedule=config.schedule, grace=config.grace),
        ),
        steps=STEPS,
        **config.pace,
    )


async def detect(tools: Tools, at: Moment, *, config: Config) -> list[Reading]:
    service = await _service_reading(tools)
    try:
        runs = await _runs_by_job(tools, at.now, config)
    except Unreadable as blind:
        # A scheduler that is down is worth saying even where its history cannot be read.
        if service is None or service.severity is not Severity.ERROR:
            raise
        return [service, *(unknown(job, blind.why) for job in config.schedule)]
    jobs = [judge(runs, name, at.now, config) for name in config.schedule]
    for job in jobs:
        if job.facts.get("problem") in TOO_LONG:
            await _resources.keep(tools, job.subject, runs[job.subject][-1], at)
    return jobs if service is None else [service, *jobs]


async def diagnosis(tools: Tools, at: Moment, *, config: Config) -> Facts:
    runs = await _runs_by_job(tools, at.now, config)
    try:
        state = await tools.services.state(Service.SCHEDULER)
    except Unreadable:
        state = None
    return {
        "service": None if state is None else service_facts(state),
        "jobs": [
            {
                "job": name,
                "cron": cron,
                "usual_sec": usual_seconds(runs[name]),
                "runs": [_run_facts(run, at.now) for run in reversed(runs[name][-RUNS_SHOWN:])],
                "resources": _resources.facts(await _resources.last(tools, name)),
            }
            for name, cron in config.schedule.items()
        ],
    }


async def jobs(tools: Tools, at: Moment, *, config: Config) -> Facts:
    """Read the last weeks of every job of the schedule."""
    runs = await _runs_by_job(tools, at.now, config)
    return {
        "jobs": [
            _job_numbers.numbers(
                name, cron, runs[name], at.now, overrun_limit(usual_seconds(runs[name]), config)
            )
            for name, cron in config.schedule.items()
        ]
    }


async def _runs_by_job(tools: Tools, now: datetime, config: Config) -> dict[str, list[Run]]:
    await tools.shop.require(_runs.NEEDS)
    return {name: await _runs.last_runs(tools, name, now) for name in config.schedule}


async def _service_reading(tools: Tools) -> Reading | None:
    try:
        state = await tools.services.state(Service.SCHEDULER)
    except Unreadable as blind:
        return unknown(SERVICE, blind.why)
    return None if state is None else judge_service(state)


def judge_service(state: ServiceState) -> Reading:
    facts = service_facts(state)
    return ok(SERVICE, **facts) if state.running else fires(SERVICE, Severity.ERROR, **facts)


def service_facts(state: ServiceState) -> dict[str, Json]:
    return {
        "problem": None if state.running else "service",
        "unit": state.unit,
        "detail": state.detail,
        "since": None if state.since is None else state.since.isoformat(),
        "restarts": state.restarts,
        "memory_bytes": state.memory_bytes,
    }


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
        "last_sec": None if last is None else _seconds(last, now),
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


def _seconds(run: Run, now: datetime) -> float | None:
    if run.outcome is Outcome.RUNNING:
        return round((now - run.started).total_seconds(), 1)
    return run.seconds


def _run_facts(run: Run, now: datetime) -> dict[str, Json]:
    return {
        "started": run.started.isoformat(),
        "status": run.outcome.value,
        "seconds": _seconds(run, now),
        "error": run.error,
    }
