"""What the settings of every check have in common."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from typing import Annotated, TypedDict

from pydantic import BaseModel, BeforeValidator, Field

from bot.core.model import Facts, Moment
from bot.core.runbook import Question
from bot.core.tools import Tools


def _words(value: object) -> object:
    if isinstance(value, str):
        return tuple(word.strip() for word in value.split(",") if word.strip())
    return value


Words = Annotated[tuple[str, ...], BeforeValidator(_words)]  # "WB, OZON" in an environment
Seconds = Annotated[float, Field(le=366 * 86_400)]  # a timedelta has an end, a number has none


class Pace(TypedDict):
    enabled: bool
    every: timedelta | None
    hold: timedelta
    keep: timedelta


class CheckConfig(BaseModel, frozen=True, extra="forbid", allow_inf_nan=False):
    """A check's `Config` adds its thresholds; its title is the prefix of its settings."""

    enabled: bool = Field(default=True, description="Off: it is not looked at all.")
    interval_sec: Seconds | None = Field(
        default=None, ge=1, description="A pace of its own, in seconds; else CHECK_INTERVAL_SEC."
    )

    for_sec: Seconds = Field(
        default=0, ge=0, description="It must fire for so many seconds before it is an alert."
    )
    keep_sec: Seconds = Field(
        default=0, ge=0, description="It must be well for so many seconds before it is over."
    )

    @property
    def pace(self) -> Pace:
        """What every runbook takes from its settings."""
        own = self.interval_sec
        return Pace(
            enabled=self.enabled,
            every=None if own is None else timedelta(seconds=own),
            hold=timedelta(seconds=self.for_sec),
            keep=timedelta(seconds=self.keep_sec),
        )


def diagnose(
    folder: str,
    read: Callable[[Tools, Moment], Awaitable[Facts]],
    leads: Mapping[str, str] | None = None,
) -> Question:
    """The button that every card has; `folder` is that of the check's templates."""
    return Question(
        name="diagnose",
        label="Diagnose",
        template=f"{folder}/diagnosis.html.j2",
        read=read,
        leads=leads or {},
    )
