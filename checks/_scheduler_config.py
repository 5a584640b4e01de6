"""The settings of the check of the scheduler: which jobs are due when, and what is too long."""

import json
from datetime import UTC, datetime, timedelta
from typing import Annotated

from cronsim import CronSim, CronSimError
from pydantic import AfterValidator, BeforeValidator, Field

from checks._config import CheckConfig, Seconds


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
    grace_sec: Seconds = Field(
        default=900, ge=0, description="Seconds after its due time that a run is still on time."
    )
    overrun_times: float = Field(
        default=3.0, gt=1, description="So many times its usual length is too long."
    )
    overrun_min_sec: Seconds = Field(
        default=60, ge=0, description="Runs shorter than this, in seconds, are never too long."
    )
    overrun_max_sec: Seconds = Field(
        default=3600, gt=0, description="The limit in seconds where no usual length is known."
    )
    min_runs_for_rate: int = Field(
        default=10, ge=1, description="With fewer runs in 24 hours the rate is not judged."
    )

    @property
    def grace(self) -> timedelta:
        return timedelta(seconds=self.grace_sec)
