"""Our own plain format, for scripts: one alert, a list of them, or `{"alerts": […]}`. Pure."""

from datetime import datetime, timedelta

from pydantic import ValidationError

from bot.core.model import Severity
from bot.core.senders import Told
from bot.web.incoming.facts import facts_of, reading
from bot.web.incoming.shapes import GenericAlert, Parsed, mistake, read, several
from bot.web.incoming.texts import subject_of, utc


def parse(raw: bytes, now: datetime, repeat: timedelta) -> Parsed:
    payload = read(raw)
    if isinstance(payload, dict):
        payload = payload.get("alerts", [payload])
    found = Parsed()
    for number, item in enumerate(several(payload, "alerts")):
        try:
            found.told.append(_told(GenericAlert.model_validate(item), now, repeat))
        except ValidationError as error:
            found.refused.append(mistake(number, error))
    return found


def _told(alert: GenericAlert, now: datetime, repeat: timedelta) -> Told:
    firing = alert.status == "firing"
    identity = {"id": alert.id} if alert.id else {"title": alert.title, **alert.labels}
    facts = facts_of(
        name=alert.title,
        labels=alert.labels,
        annotations={"description": alert.text},
        started_at=utc(alert.started_at),
        link_to=alert.url,
    )
    name = alert.id or alert.title
    until = min(utc(alert.heard_again_by) or now + repeat, now + max(repeat, timedelta(days=1)))
    return Told(
        reading(subject_of(name, identity), Severity(alert.severity), facts, firing=firing),
        until if firing else None,
    )
