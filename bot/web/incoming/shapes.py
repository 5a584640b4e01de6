"""The formats as their programs document them. What is not listed is ignored, not refused."""

import re
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal

from pydantic import (
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
)
from pydantic_core import from_json

from bot.core.senders import Told

MOST_ALERTS = 1000  # in one request
DATED = re.compile(r"\d{4}-\d{2}-\d{2}[Tt ]")


@dataclass(slots=True)
class Parsed:
    """What could be read, and a line for each alert that could not."""

    told: list[Told] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)


class RefusedError(ValueError):
    """Nothing of it can be read; one line says why."""


def _written(value: object) -> object:
    """Pydantic would take numbers for seconds since 1970, which no sender documents."""
    if isinstance(value, str) and not DATED.match(value):
        raise ValueError("is not a time, such as 2026-11-25T12:00:00Z")
    if isinstance(value, bool | int | float):
        raise ValueError("is a number, not a time")  # noqa: TRY004  # pydantic wants it so
    return value


Moment = Annotated[AwareDatetime, BeforeValidator(_written)]


class PrometheusAlert(BaseModel):
    """One alert as Prometheus posts it to Alertmanager's API v2."""

    model_config = ConfigDict(title="PrometheusAlert")

    labels: dict[str, str] = Field(min_length=1, examples=[{"alertname": "DiskFull"}])
    annotations: dict[str, str] = Field(default_factory=dict)
    starts_at: Moment | None = Field(default=None, alias="startsAt")
    ends_at: Moment | None = Field(
        default=None,
        alias="endsAt",
        description="In the past: it is over. In the future: heard again by then.",
    )
    generator: str = Field(default="", alias="generatorURL")


class WebhookAlert(BaseModel):
    """One alert of a webhook of Alertmanager (version 4) or Grafana."""

    model_config = ConfigDict(title="WebhookAlert")

    status: Literal["firing", "resolved"]
    labels: dict[str, str] = Field(min_length=1)
    annotations: dict[str, str] = Field(default_factory=dict)
    starts_at: Moment | None = Field(default=None, alias="startsAt")
    ends_at: Moment | None = Field(default=None, alias="endsAt")
    generator: str | None = Field(default="", alias="generatorURL")
    dashboard: str | None = Field(default="", alias="dashboardURL", description="Grafana.")
    panel: str | None = Field(default="", alias="panelURL", description="Grafana.")
    values: dict[str, Any] | None = Field(default=None, description="Grafana.")
    value_string: str | None = Field(default="", alias="valueString", description="Grafana.")


class GenericAlert(BaseModel):
    """One alert of any other program. Only `title` is needed."""

    model_config = ConfigDict(title="GenericAlert", extra="forbid")

    title: str = Field(min_length=1, max_length=500, pattern=r"\S")
    id: str = Field(
        default="",
        max_length=200,
        description="The same `id` is the same alert. Not given: the same title and labels.",
    )
    status: Literal["firing", "resolved"] = "firing"
    severity: Literal["critical", "error", "warning", "info"] = "warning"
    text: str = Field(default="", max_length=10_000)
    labels: dict[str, str] = Field(default_factory=dict)
    url: str = Field(default="", description="Where to read more; http or https.")
    started_at: Moment | None = None
    heard_again_by: Moment | None = Field(
        default=None, description="If it is not sent again by then, nobody knows whether it holds."
    )


class GenericBody(BaseModel):
    """One alert, or several under `alerts`."""

    alerts: list[GenericAlert] = Field(max_length=MOST_ALERTS)


def read(raw: bytes) -> Any:  # noqa: ANN401  # any JSON
    try:
        return from_json(raw, allow_inf_nan=False)
    except ValueError as error:
        raise RefusedError(f"the body is not JSON: {_line(error)}") from error


def several(value: object, where: str) -> list[Any]:
    if not isinstance(value, list):
        raise RefusedError(f"{where} is not a list")
    if len(value) > MOST_ALERTS:
        raise RefusedError(f"more than {MOST_ALERTS} alerts in one request")
    return value


def mistake(number: int, error: ValidationError) -> str:
    """Say in one line what is wrong with one alert."""
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    where = ".".join(str(part)[:40] for part in first["loc"])
    return f"alert {number}: {where}: {first['msg']}"[:300]


def _line(error: Exception) -> str:
    return (str(error).splitlines() or ["?"])[0][:120]
