"""What is said about one alert and about silences, to and fro."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field, RootModel

from bot.core import desk_alerts, desk_silences
from bot.core.counter import FAR_AWAY
from bot.core.model import Severity
from bot.web.ops import AlertRow


class AlertPath(BaseModel):
    id: int = Field(
        ge=1, lt=FAR_AWAY, examples=[1], description="The number that cards and lists show."
    )


class SilencePath(BaseModel):
    id: int = Field(ge=1, lt=FAR_AWAY, examples=[1], description="The number of the silence.")


class SilenceWish(BaseModel):
    model_config = ConfigDict(extra="forbid", title="SilenceWish")

    length: str = Field(
        default=desk_silences.USUAL,
        alias="for",
        pattern=r"^(\d{1,4}[mh]|morning)$",
        description="Such as `15m`, `4h` or `morning`; 24 hours at most.",
    )
    why: str = Field(default="", max_length=desk_silences.LONGEST_WHY)


class Note(BaseModel):
    model_config = ConfigDict(extra="forbid", title="Note")

    text: str = Field(min_length=1, max_length=desk_alerts.LONGEST_NOTE, pattern=r"\S")


class Event(BaseModel):
    at: datetime
    who: str
    event: str
    values: dict[str, object]


class Story(AlertRow):
    """An alert with all that happened to it."""

    silenced_until: datetime | None
    remind_at: datetime | None
    escalate_at: datetime | None
    history: list[Event]
    runs: list[int] = Field(description="Its remediations, by number.")


class Done(BaseModel):
    """`said` is the sentence that the chat would show; `key` is its name, for programs."""

    key: str
    said: str
    alert: AlertRow | None = None


class SilenceRow(BaseModel):
    id: int
    check: str | None
    subject: str | None
    severity: Severity
    by: str
    why: str
    until: datetime
    maintenance: bool
    swallowed: int = Field(description="Notices that were not sent because of it.")


class SilenceRows(RootModel[list[SilenceRow]]):
    pass


class Silenced(Done):
    silence: SilenceRow
