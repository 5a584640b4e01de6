"""Jobs do not run, fail, or run on and on; or the scheduler itself is down.

Sees      a due run that is missing, failed or over three times its usual length, an on-time
          rate under the target, and a scheduler service that does not run.
Explains  the last runs of each job with their lengths, and the state of the service.
Repairs   by a restart of the scheduler, once an episode.
"""

from datetime import datetime
from functools import partial
from typing import Final

from bot.core.model import Facts, Json, Moment, Reading, Severity, Unreadable, fires, ok, unknown
from bot.core.runbook import Runbook
from bot.core.slo import Objective
from bot.core.tools import Service, ServiceState, Tools
from checks import _job_numbers, _kept_runs, _resources, _runs
from checks._config import diagnose
from checks._job_verdict import judge, overrun_limit, seconds_of, usual_seconds
from checks._runs import Run
from checks._scheduler_config import Config
from checks._steps.scheduler_on_time import STEPS

SERVICE: Final = "sovani-scheduler"
RUNS_SHOWN: Final = 5
TOO_LONG: Final = ("overrunning", "never_finished")


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
        remediations=["remediate_restart_scheduler", "remediate_stop_job"],
        automatic="remediate_restart_scheduler",
        keeps=("on_time_pct", "last_sec"),
        details={"jobs": partial(jobs, config=config)},
        objective=Objective(
            name="scheduler",
            target_pct=config.slo_scheduler_on_time_pct,
            events=partial(_kept_runs.read, schedule=config.schedule, grace=config.grace),
        ),
        steps=STEPS,
        job=lambda job: job,
        schedule=config.schedule,
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


def _run_facts(run: Run, now: datetime) -> dict[str, Json]:
    return {
        "started": run.started.isoformat(),
        "status": run.outcome.value,
        "seconds": seconds_of(run, now),
        "error": run.error,
    }
