"""Webhooks of Alertmanager (version 4) and Grafana: each alert says whether it fires. Pure.

They repeat what fires at their repeat interval only, hours apart, so silence is noticed late.
"""

import sys
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from pydantic import ValidationError

from bot.core.senders import Told
from bot.web.incoming.facts import facts_of, reading
from bot.web.incoming.shapes import Parsed, RefusedError, WebhookAlert, mistake, read, several
from bot.web.incoming.texts import severity_of, subject_of, utc

VERSION = "4"
# JSON's whole numbers have no end, and no float is larger than this.
LARGEST = sys.float_info.max
MOST_LEFT_OUT = 10**9


def alertmanager(raw: bytes, now: datetime, repeat: timedelta) -> Parsed:
    payload = _payload(raw)
    version = payload.get("version", VERSION)
    if version != VERSION:
        raise RefusedError(f"webhook version {str(version)[:20]!r} is not {VERSION}")
    return _parse(payload, now, repeat)


def grafana(raw: bytes, now: datetime, repeat: timedelta) -> Parsed:
    return _parse(_payload(raw), now, repeat)


def _payload(raw: bytes) -> Mapping[str, Any]:
    payload = read(raw)
    if not isinstance(payload, dict):
        raise RefusedError("the body is not an object")
    return payload


def _parse(payload: Mapping[str, Any], now: datetime, repeat: timedelta) -> Parsed:
    found = Parsed()
    for number, item in enumerate(several(payload.get("alerts"), "alerts")):
        try:
            found.told.append(_told(WebhookAlert.model_validate(item), now, repeat))
        except ValidationError as error:
            found.refused.append(mistake(number, error))
    found.refused += _left_out(payload.get("truncatedAlerts", 0))
    return found


def _left_out(dropped: object) -> list[str]:
    """What the sender says of alerts that it does not tell."""
    if isinstance(dropped, bool) or not isinstance(dropped, int | float) or dropped % 1:
        return ["truncatedAlerts is not a whole number"]
    if dropped <= 0:
        return []
    return [f"the sender left out {min(dropped, MOST_LEFT_OUT):.0f} alerts: raise its max_alerts"]


def _told(alert: WebhookAlert, now: datetime, repeat: timedelta) -> Told:
    firing = alert.status == "firing"
    name = alert.labels.get("alertname") or next(iter(sorted(alert.labels.values())))
    facts = facts_of(
        name=name,
        labels=alert.labels,
        annotations=alert.annotations,
        started_at=utc(alert.starts_at),
        link_to=alert.panel or alert.dashboard or alert.generator,
        values=_values(alert),
    )
    severity = severity_of(alert.labels)
    return Told(
        reading(subject_of(name, alert.labels), severity, facts, firing=firing),
        now + repeat if firing else None,
    )


def _values(alert: WebhookAlert) -> str:
    """Grafana's numbers: `A = 12.5, B = 1`, or its older line of text."""
    if not alert.values:
        return alert.value_string or ""
    pairs = [
        f"{name} = {_short(value)}" if isinstance(value, int | float) else f"{name} = {value}"
        for name, value in sorted(alert.values.items())[:6]
        if isinstance(value, int | float | str)
    ]
    return ", ".join(pairs)


def _short(value: float) -> str:
    return f"{max(-LARGEST, min(value, LARGEST)):g}"
