"""Where other programs bring their alerts. 200 means: committed."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus

from pydantic import BaseModel, Field, RootModel

from bot.core.grants import Grant
from bot.core.model import Status, phrase
from bot.core.senders import name_of
from bot.web.context import Context
from bot.web.endpoint import AnyEndpoint, Budget, Call, Endpoint, Nothing
from bot.web.incoming import generic, prometheus, webhooks
from bot.web.incoming.shapes import (
    GenericAlert,
    GenericBody,
    Parsed,
    PrometheusAlert,
    RefusedError,
    WebhookAlert,
)
from bot.web.limits import Buckets
from bot.web.problems import ProblemError, WrongField, problem

log = logging.getLogger(__name__)

MOST_BYTES = 2_000_000
SAID_EVERY = 60.0  # seconds between two lines of the log about one sender's mistakes
Parser = Callable[[bytes, datetime, timedelta], Parsed]
SOME_REFUSED = {
    HTTPStatus.BAD_REQUEST: "Not JSON, or some alerts are invalid; the others are taken."
}


class Taken(BaseModel):
    firing: int
    resolved: int


class PrometheusBody(RootModel[list[PrometheusAlert]]):
    """As Prometheus posts to Alertmanager."""


class WebhookBody(BaseModel):
    """As Alertmanager posts to a webhook; what is not listed is ignored."""

    version: str = "4"
    truncatedAlerts: int = Field(default=0, description="Left out by the sender.")  # noqa: N815  # their name
    alerts: list[WebhookAlert]


class GrafanaBody(BaseModel):
    """As Grafana posts to a webhook contact point; what is not listed is ignored."""

    truncatedAlerts: int = Field(default=0, description="Left out by the sender.")  # noqa: N815  # their name
    alerts: list[WebhookAlert]


class AnyGeneric(RootModel[GenericAlert | list[GenericAlert] | GenericBody]):
    """One alert, a list of alerts, or an object with `alerts`."""


EXAMPLE_LABELS = {"alertname": "DiskFull", "severity": "error", "instance": "web-1"}
EXAMPLE_NOTES = {"summary": "The disk of web-1 is 93 % full"}
PROMETHEUS = [
    {
        "labels": EXAMPLE_LABELS,
        "annotations": EXAMPLE_NOTES,
        "startsAt": "2026-11-25T12:00:00Z",
        "generatorURL": "http://prometheus:9090/graph",
    }
]
WEBHOOK = {
    "version": "4",
    "alerts": [{"status": "firing", "labels": EXAMPLE_LABELS, "annotations": EXAMPLE_NOTES}],
}
GENERIC = {"id": "backup-web-1", "title": "Backup of web-1 failed", "severity": "error"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """One kind of sender; those that `repeats` say again what fires, minutes apart."""

    path: str
    source: str
    about: str
    parse: Parser
    body: type[BaseModel]
    example: object
    repeats: bool = False


FORMATS = (
    Format(
        path="/api/v2/alerts",
        source="prometheus",
        about="Alerts as Prometheus sends them to Alertmanager (API v2).",
        parse=prometheus.parse,
        body=PrometheusBody,
        example=PROMETHEUS,
        repeats=True,
    ),
    Format(
        path="/webhook/alertmanager",
        source="alertmanager",
        about="Alertmanager's webhook, version 4.",
        parse=webhooks.alertmanager,
        body=WebhookBody,
        example=WEBHOOK,
    ),
    Format(
        path="/webhook/grafana",
        source="grafana",
        about="Grafana's webhook contact point.",
        parse=webhooks.grafana,
        body=GrafanaBody,
        example=WEBHOOK,
    ),
    Format(
        path="/webhook/generic",
        source="generic",
        about="Alerts of any other program, in a plain format.",
        parse=generic.parse,
        body=AnyGeneric,
        example=GENERIC,
    ),
)


def endpoints(context: Context) -> list[AnyEndpoint]:
    said = Buckets(rate=1 / SAID_EVERY, burst=1, clock=context.monotonic)
    return [_endpoint(context, one, said) for one in FORMATS]


def _endpoint(context: Context, one: Format, said: Buckets) -> AnyEndpoint:
    async def take(call: Call[Nothing, Nothing, Nothing]) -> Taken:
        return await _take(context, one, call, said)

    return Endpoint(
        method="POST",
        path=one.path,
        name=one.path.strip("/").replace("/", "_"),
        about=one.about,
        work=take,
        answer=Taken,
        needs=Grant.SENDER,
        raw=True,
        body=one.body,
        example=one.example,
        refusals=SOME_REFUSED,
        budget=Budget.INCOMING,
        most_bytes=MOST_BYTES,
        seconds=30.0,
        group="Incoming alerts",
    )


async def _take(
    context: Context, one: Format, call: Call[Nothing, Nothing, Nothing], said: Buckets
) -> Taken:
    wait = context.resolve_timeout if one.repeats else context.repeat
    try:
        parsed = one.parse(call.raw, context.clock(), wait)
    except RefusedError as error:
        raise problem(HTTPStatus.BAD_REQUEST, "api_incoming", why=str(error)) from error
    if parsed.told:
        await context.intake.take(name_of(one.source), parsed.told)
    if parsed.refused:
        if not said.take(call.who.name):
            told = {"by": call.who.name, "refused": len(parsed.refused)}
            log.warning("incoming alerts are invalid", extra=told | {"first": parsed.refused[0]})
        errors = [WrongField(where="body", what=line) for line in parsed.refused[:20]]
        why = phrase("api_incoming_some", refused=len(parsed.refused), taken=len(parsed.told))
        raise ProblemError(HTTPStatus.BAD_REQUEST, why, errors=errors)
    firing = sum(one.reading.status is Status.FIRING for one in parsed.told)
    return Taken(firing=firing, resolved=len(parsed.told) - firing)
