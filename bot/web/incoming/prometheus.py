"""Alertmanager's API v2, as Prometheus speaks it. Pure.

As in Alertmanager: an alert whose `endsAt` has passed is over; one without gets
`now + resolve_timeout`, and must be sent again before that. Invalid alerts are refused one by
one, the others are taken.
"""

from datetime import datetime, timedelta
from typing import Any

from pydantic import ValidationError

from bot.core.senders import Told
from bot.web.incoming.facts import facts_of, reading
from bot.web.incoming.shapes import Parsed, PrometheusAlert, RefusedError, mistake, read, several
from bot.web.incoming.texts import severity_of, subject_of, utc

LONGEST_PROMISE = timedelta(days=1)  # a sender whose clock is a year ahead must not be believed


def parse(raw: bytes, now: datetime, resolve_timeout: timedelta) -> Parsed:
    found = Parsed()
    for number, item in enumerate(several(read(raw), "the body")):
        try:
            found.told.append(_told(item, now, resolve_timeout))
        except ValidationError as error:
            found.refused.append(mistake(number, error))
        except RefusedError as error:
            found.refused.append(f"alert {number}: {error}")
    return found


def _told(item: Any, now: datetime, resolve_timeout: timedelta) -> Told:  # noqa: ANN401  # any JSON
    alert = PrometheusAlert.model_validate(item)
    labels = {name: value for name, value in alert.labels.items() if value}
    if not labels:
        raise RefusedError("it has no label")
    starts, ends = utc(alert.starts_at), utc(alert.ends_at)
    if starts is not None and ends is not None and ends < starts:
        raise RefusedError("it ends before it starts")
    firing = ends is None or ends > now
    name = labels.get("alertname") or next(iter(sorted(labels.values())))
    facts = facts_of(
        name=name,
        labels=labels,
        annotations=alert.annotations,
        started_at=starts or (None if firing else ends),
        link_to=alert.generator,
    )
    until = min(ends or now + resolve_timeout, now + LONGEST_PROMISE)
    return Told(
        reading(subject_of(name, labels), severity_of(labels), facts, firing=firing),
        until if firing else None,
    )
