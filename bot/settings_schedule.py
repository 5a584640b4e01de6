"""The settings of what is done by the calendar."""

from pydantic import Field
from pydantic_settings import BaseSettings

from bot.core.missed import Missed
from bot.settings_types import MissedJobs


class ScheduleSettings(BaseSettings):
    schedule: dict[str, str] = Field(
        default_factory=dict,
        description="When one scheduled thing is done: `SCHEDULE__<NAME>`, a cron line in "
        "`APP_TIMEZONE`, a period such as `10m`, or `off`.",
    )
    restart_missed_jobs: bool = Field(
        default=False,
        description="Whether the assistant itself starts a critical job that the scheduler "
        "missed, once for each due time.",
    )
    missed_jobs: MissedJobs = Field(
        default=(
            Missed("collect_yesterday_data", "collect"),
            Missed("recalc_recent_metrics", "recalc"),
        ),
        description="Which jobs these are, by comma: `job=collect` collects the day that it would "
        "have, `job=recalc:7` recalculates 7 days (`JOB_COLLECT`, `JOB_RECALC`). The names are "
        "those of `CHECKS__SCHEDULER_ON_TIME__SCHEDULE`.",
        examples=["collect_sales=collect,metrics=recalc:14"],
    )
    missed_jobs_retries: int = Field(
        default=3,
        ge=0,
        le=6,
        description="How often a missed job that the assistant started in vain is started again: "
        "after 10, 20, 40 … minutes and a little more. A collection asks all marketplaces, so it "
        "does not begin, the first time either, before each of them that answered our key 429 may "
        "be asked again.",
    )
