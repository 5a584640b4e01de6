"""Sales of yesterday did not come in.

Sees      a marketplace without rows for the last business day, with holes in the last week, or
          with few rows from a collector that fails. Three failures in a row go to the admins.
Explains  the last two weeks day by day, and the collector's runs.
Repairs   by a restart of the scheduler, which collects what it missed; only a person decides.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import partial
from typing import Final

from pydantic import Field

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
from bot.core.tools import Tools
from checks import _calls, _kept_days, _runs, _sales
from checks._calls import Calls
from checks._config import CheckConfig, diagnose
from checks._runs import Outcome, Run
from checks._sales import Sales
from checks._steps.ingest_success_rate import STEPS

RUNS_SHOWN: Final = 7
WEEK: Final = timedelta(days=7)
WORSE_AFTER: Final = 2  # failures in a row
ESCALATES_AFTER: Final = 3


class Config(CheckConfig, title="CHECKS__INGEST_SUCCESS_RATE"):
    slo_ingest_success_rate_pct: float = Field(
        default=99.0,
        gt=0,
        le=100,
        description="Days that must come in, in %, if not SoVAni's own.",
    )
    not_before: time = Field(
        default=time(6),
        description="When yesterday is due, in APP_TIMEZONE; the collection may run until then.",
    )
    thin_pct: float = Field(
        default=50.0, ge=0, le=100, description="Fewer rows, in % of the usual, may be cut short."
    )
    collector_job: str = Field(
        default="collect_yesterday_data", description="The job's name in `job_runs`."
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Collector:
    """How the collecting job did lately; a failed night that was caught up is a success."""

    success_pct: float | None = None
    failed_in_row: int = 0
    error: str | None = None


def runbook(config: Config) -> Runbook:
    return Runbook(
        name="check_ingest_success_rate",
        title="Data ingestion",
        number=2,
        detect=partial(detect, config=config),
        diagnose=diagnose(
            "ingest_success_rate",
            partial(diagnosis, config=config),
            leads={
                "Logs 1h": "logs scheduler 60",
                "Ingest": "logs scheduler 60 ingest",
                "Rate 24h": "logs scheduler 1440 rate",
                "Errors 24h": "logs scheduler 1440 error",
                "Traceback": "logs scheduler 1440 traceback",
            },
        ),
        needs=_sales.NEEDS,
        asks={"Check WB/Ozon": "net", "Check keys": "tokens live"},
        remediations=["remediate_collect", "remediate_restart_scheduler"],
        keeps=("rows", "runs_success_pct", "calls", "calls_failed", "calls_limited"),
        objective=Objective(
            name="ingest",
            target_pct=config.slo_ingest_success_rate_pct,
            events=partial(
                _kept_days.read, not_before=config.not_before, job=config.collector_job
            ),
        ),
        depends_on=("check_scheduler_on_time",),
        job=lambda _marketplace: config.collector_job,
        steps=STEPS,
        **config.pace,
    )


async def detect(tools: Tools, at: Moment, *, config: Config) -> list[Reading]:
    sales = await _sales.read(tools, due_day(at, config))
    if not sales:
        return [unknown("sales", phrase("ingest_no_sku"))]
    collector = collector_of(await _collector_runs(tools, at.now, config), at.now)
    calls = await _calls.since_last_round(tools)
    return [judge(name, one, collector, config, calls.get(name)) for name, one in sales.items()]


async def diagnosis(tools: Tools, at: Moment, *, config: Config) -> Facts:
    sales = await _sales.read(tools, due_day(at, config))
    runs = await _collector_runs(tools, at.now, config)
    collector = collector_of(runs, at.now)
    return {
        "marketplaces": [
            {"marketplace": name, **facts(one, collector, config)} for name, one in sales.items()
        ],
        "job": config.collector_job,
        "runs": [
            {
                "started": run.started.isoformat(),
                "status": run.outcome.value,
                "seconds": run.seconds,
                "error": run.error,
            }
            for run in reversed(runs[-RUNS_SHOWN:])
        ],
    }


def due_day(at: Moment, config: Config) -> date:
    """Name the last business day whose sales should be there by now."""
    early = at.local.time() < config.not_before
    return at.yesterday - timedelta(days=1) if early else at.yesterday


async def _collector_runs(tools: Tools, now: datetime, config: Config) -> list[Run]:
    """Older releases keep no `job_runs`: the sales alone still tell whether they came."""
    try:
        await tools.shop.require(_runs.NEEDS)
        return await _runs.last_runs(tools, config.collector_job, now)
    except Unreadable:
        return []


def collector_of(runs: Sequence[Run], now: datetime) -> Collector:
    """Each UTC day of the last week counts by its last finished run."""
    last_of_day = {
        run.started.date(): run.outcome
        for run in runs
        if now - WEEK < run.started <= now and run.outcome is not Outcome.RUNNING
    }
    if not last_of_day:
        return Collector()
    good = sum(1 for outcome in last_of_day.values() if outcome is Outcome.SUCCESS)
    failures = [run for run in runs if run.outcome is Outcome.FAILED]
    in_row = _runs.failed_in_a_row(runs)
    return Collector(
        success_pct=round(100 * good / len(last_of_day), 1),
        failed_in_row=in_row,
        error=failures[-1].error if in_row else None,
    )


def judge(
    marketplace: str,
    sales: Sales,
    collector: Collector,
    config: Config,
    calls: Calls | None = None,
) -> Reading:
    """Judge one marketplace by its sales.

    A collector that fails is the scheduler's alert. Here it makes a missing day worse, and a
    day with few rows suspicious; a marketplace that has its sales is well.
    """
    if sales.is_quiet:
        return unknown(
            marketplace, phrase("ingest_quiet_weekday", day=sales.due.isoformat()), idle=True
        )
    numbers = facts(sales, collector, config, calls)
    target = config.slo_ingest_success_rate_pct
    cut_short = collector.failed_in_row > 0 and sales.is_thin(config.thin_pct)
    if sales.missing_days or sales.collected_pct < target or cut_short:
        return fires(marketplace, severity(sales, collector), **numbers)
    return ok(marketplace, **numbers)


def severity(sales: Sales, collector: Collector) -> Severity:
    """Runbook 2: an error; a day that came in after all is less, three in a row are more."""
    in_a_row = max(sales.missing_days, collector.failed_in_row)
    if in_a_row >= ESCALATES_AFTER:
        return Severity.CRITICAL
    if sales.missing_days or in_a_row >= WORSE_AFTER:
        return Severity.ERROR
    return Severity.WARNING


def facts(
    sales: Sales, collector: Collector, config: Config, calls: Calls | None = None
) -> dict[str, Json]:
    """`calls`: to the marketplace's API since the last round, where that is known."""
    return {
        "day": sales.due.isoformat(),
        "rows": sales.rows,
        "usual_rows": sales.usual,
        "last_day": None if sales.last_day is None else sales.last_day.isoformat(),
        "missing_days": sales.missing_days,
        "collected_pct": sales.collected_pct,
        "target_pct": config.slo_ingest_success_rate_pct,
        "strip": [int(there) for there in sales.strip],
        "runs_success_pct": collector.success_pct,
        "failed_in_row": collector.failed_in_row,
        "error": collector.error,
        "calls": None if calls is None else calls.total,
        "calls_failed": None if calls is None else calls.failed,
        "calls_limited": None if calls is None else calls.limited,
    }
