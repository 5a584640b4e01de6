"""Sales of yesterday did not come in.

Sees      a marketplace without rows for the last business day, holes in the last week, and a
          collector that keeps failing. Twice in a row is worse, three times goes to the admins.
Explains  the last two weeks day by day, and the collector's runs.
Repairs   by a restart of the scheduler, which collects what it missed; only a person decides.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import partial
from statistics import median
from typing import Final

from pydantic import Field

from bot.core.model import (
    Facts,
    Json,
    Moment,
    Reading,
    Row,
    Severity,
    Unreadable,
    fires,
    ok,
    phrase,
    unknown,
)
from bot.core.runbook import Question, Runbook
from bot.core.tools import Tools
from checks import _runs
from checks._config import CheckConfig
from checks._runs import Outcome, Run
from checks._values import count

NEEDS: Final = {"daily_sales": ["d", "sku_id"], "sku": ["id", "marketplace"]}
STRIP_DAYS: Final = 14
WEEK: Final = 7
USUAL_WEEKS: Final = 5
ONE_DAY: Final = timedelta(days=1)
WORSE_AFTER: Final = 2  # failures in a row
ESCALATES_AFTER: Final = 3


class Config(CheckConfig, title="CHECKS__INGEST_SUCCESS_RATE"):
    slo_ingest_success_rate_pct: float = Field(default=99.0, gt=0, le=100)
    not_before: time = time(6)  # in APP_TIMEZONE: earlier, the night's collection may still run
    collector_job: str = "collect_yesterday_data"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sales:
    """What the table holds of one marketplace.

    `strip` tells for each of the last days up to `due` whether there is any row, oldest
    first; `rows` counts those of `due`, `usual` the median of the same weekday before it.
    """

    due: date
    rows: int
    usual: float | None
    strip: Sequence[bool]

    @property
    def missing_days(self) -> int:
        return next((i for i, there in enumerate(reversed(self.strip)) if there), len(self.strip))

    @property
    def last_day(self) -> date | None:
        gone = self.missing_days
        return None if gone == len(self.strip) else self.due - gone * ONE_DAY

    @property
    def collected_pct(self) -> float:
        """Days of the last week with rows, of those whose weekday had any the week before."""
        week, before = self.strip[-WEEK:], self.strip[-2 * WEEK : -WEEK]
        missed = sum(1 for now, then in zip(week, before, strict=True) if then and not now)
        return round(100 * (len(week) - missed) / len(week), 1)

    @property
    def is_quiet(self) -> bool:
        """Nothing, and nothing usually: a small seller's Sunday, as long as it is one."""
        return not self.rows and self.usual == 0 and self.missing_days < WORSE_AFTER


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
        diagnose=Question(
            name="diagnose",
            label="Diagnose",
            template="ingest_success_rate/diagnosis.html.j2",
            read=partial(diagnosis, config=config),
        ),
        needs=NEEDS,
        remediations=["remediate_restart_scheduler"],
        every=config.every,
    )


async def detect(tools: Tools, at: Moment, *, config: Config) -> list[Reading]:
    sales = await _sales(tools, due_day(at, config))
    if not sales:
        return [unknown("sales", phrase("ingest_no_sku"))]
    collector = collector_of(await _collector_runs(tools, at.now, config), at.now)
    return [judge(name, one, collector, config) for name, one in sales.items()]


async def diagnosis(tools: Tools, at: Moment, *, config: Config) -> Facts:
    sales = await _sales(tools, due_day(at, config))
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
            for run in reversed(runs[-WEEK:])
        ],
    }


def due_day(at: Moment, config: Config) -> date:
    """Name the last business day whose sales should be there by now."""
    early = at.local.time() < config.not_before
    return at.yesterday - ONE_DAY if early else at.yesterday


async def _sales(tools: Tools, due: date) -> dict[str, Sales]:
    """By marketplace, of those that have any SKU."""
    await tools.shop.require(NEEDS)
    strip_binds = {f"d{i}": (due + (1 + i - STRIP_DAYS) * ONE_DAY) for i in range(STRIP_DAYS + 1)}
    usual_binds = {f"w{i}": (due - i * timedelta(weeks=1)) for i in range(USUAL_WEEKS + 1)}
    usual_binds |= {f"after_{name}": day + ONE_DAY for name, day in usual_binds.items()}
    strip = await tools.shop.rows("ingest_success_rate/strip.sql.j2", **_texts(strip_binds))
    counts = await tools.shop.rows("ingest_success_rate/counts.sql.j2", **_texts(usual_binds))
    return sales_of(due, strip, counts)


def _texts(days: Mapping[str, date]) -> dict[str, str]:
    return {name: day.isoformat() for name, day in days.items()}


async def _collector_runs(tools: Tools, now: datetime, config: Config) -> list[Run]:
    """Older releases keep no `job_runs`: the sales alone still tell whether they came."""
    try:
        await tools.shop.require(_runs.NEEDS)
        return await _runs.last_runs(tools, config.collector_job, now)
    except Unreadable:
        return []


def sales_of(due: date, strip: Sequence[Row], counts: Sequence[Row]) -> dict[str, Sales]:
    """`strip`: marketplace, n (0 the oldest day), there. `counts`: marketplace, week, rows."""
    flags: dict[str, dict[int, bool]] = {}
    for row in strip:
        flags.setdefault(str(row["marketplace"]), {})[count(row["n"])] = bool(row["there"])
    rows = {(str(row["marketplace"]), count(row["week"])): count(row["total"]) for row in counts}
    return {
        name: Sales(
            due=due,
            rows=rows.get((name, 0), 0),
            usual=median(rows.get((name, week), 0) for week in range(1, USUAL_WEEKS + 1)),
            strip=[there.get(n, False) for n in range(STRIP_DAYS)],
        )
        for name, there in flags.items()
    }


def collector_of(runs: Sequence[Run], now: datetime) -> Collector:
    """Each UTC day of the last week counts by its last finished run."""
    last_of_day = {
        run.started.date(): run.outcome
        for run in runs
        if now - WEEK * ONE_DAY < run.started <= now and run.outcome is not Outcome.RUNNING
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


def judge(marketplace: str, sales: Sales, collector: Collector, config: Config) -> Reading:
    """Judge one marketplace; a collector that is well again leaves no alert behind."""
    if sales.is_quiet:
        return unknown(
            marketplace, phrase("ingest_quiet_weekday", day=sales.due.isoformat()), idle=True
        )
    numbers = facts(sales, collector, config)
    target = config.slo_ingest_success_rate_pct
    collector_sick = (
        collector.success_pct is not None
        and collector.success_pct < target
        and collector.failed_in_row > 0
    )
    if sales.missing_days or sales.collected_pct < target or collector_sick:
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


def facts(sales: Sales, collector: Collector, config: Config) -> dict[str, Json]:
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
    }
