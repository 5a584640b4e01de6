"""What the settings of every check have in common."""

from datetime import timedelta

from pydantic import BaseModel, Field


class CheckConfig(BaseModel, frozen=True, extra="forbid"):
    """A check's `Config` adds its thresholds; its title is the prefix of its settings."""

    interval_sec: float | None = Field(default=None, gt=0)  # None: CHECK_INTERVAL_SEC

    @property
    def every(self) -> timedelta | None:
        return None if self.interval_sec is None else timedelta(seconds=self.interval_sec)
