"""What the settings of every check have in common."""

from datetime import timedelta
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, Field


def _words(value: object) -> object:
    if isinstance(value, str):
        return tuple(word.strip() for word in value.split(",") if word.strip())
    return value


Words = Annotated[tuple[str, ...], BeforeValidator(_words)]  # "WB, OZON" in an environment


class CheckConfig(BaseModel, frozen=True, extra="forbid"):
    """A check's `Config` adds its thresholds; its title is the prefix of its settings."""

    interval_sec: float | None = Field(
        default=None, ge=1, description="A pace of its own, in seconds; else CHECK_INTERVAL_SEC."
    )

    for_sec: float = Field(
        default=0, ge=0, description="It must fire for so many seconds before it is an alert."
    )
    keep_sec: float = Field(
        default=0, ge=0, description="It must be well for so many seconds before it is over."
    )

    @property
    def hold(self) -> timedelta:
        return timedelta(seconds=self.for_sec)

    @property
    def keep(self) -> timedelta:
        return timedelta(seconds=self.keep_sec)

    @property
    def every(self) -> timedelta | None:
        return None if self.interval_sec is None else timedelta(seconds=self.interval_sec)
