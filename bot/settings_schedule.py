"""The settings of what is done by the calendar."""

from pydantic import Field
from pydantic_settings import BaseSettings


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
