"""Alerts of other programs: taken, or refused with a sentence; and what is taken has a card."""

import json
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from bot.core import senders
from bot.core.senders import Told
from bot.edges.telegram.fitting import fit_html
from bot.edges.templates import Templates
from bot.web.incoming import generic, prometheus, webhooks
from bot.web.incoming.endpoints import EXAMPLE_LABELS, GENERIC, PROMETHEUS, WEBHOOK
from bot.web.incoming.shapes import RefusedError
from fuzz._grown import Bytes, grown

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
REPEAT = timedelta(minutes=5)
PARSERS = (prometheus.parse, webhooks.alertmanager, webhooks.grafana, generic.parse)
GROWN = 0x80  # a first byte from here on: the rest grows into JSON
NAMES = (
    *("alerts", "labels", "annotations", "status", "startsAt", "endsAt", "values", "version"),
    *("truncatedAlerts", "id", "title", "severity", "started_at", "heard_again_by", "url", "text"),
    *("alertname", "generatorURL", "valueString", "panelURL", "dashboardURL", "summary"),
    *("description", "runbook_url", "level", "priority", "instance"),
)
SEEDS = (
    *(bytes([kind]) + json.dumps(PROMETHEUS).encode() for kind in range(4)),
    *(bytes([kind]) + json.dumps(WEBHOOK).encode() for kind in range(4)),
    bytes([3]) + json.dumps(GENERIC).encode(),
    bytes([3]) + json.dumps({"alerts": [GENERIC, {**GENERIC, "labels": EXAMPLE_LABELS}]}).encode(),
    *(bytes([GROWN + kind]) + bytes(range(0x80, 0xF0, 5)) for kind in range(4)),
)
TEMPLATES = Templates(zone=ZoneInfo("Europe/Moscow"), clock=lambda: NOW)
CARD = f"{senders.runbooks()[senders.name_of('generic')].folder}/card.html.j2"


def one(data: bytes) -> None:
    if not data:
        return
    source = Bytes(data)
    kind = source.next()
    raw = json.dumps(_alerts(source, kind)).encode() if kind >= GROWN else source.rest
    try:
        found = PARSERS[kind % len(PARSERS)](raw, NOW, REPEAT)
    except RefusedError as error:
        assert str(error)
        return
    assert all(found.refused)
    for told in found.told:
        _holds(told)


def _alerts(source: Bytes, kind: int) -> object:
    """Mostly a list of what may be alerts: else nothing would be read of it."""
    several = [grown(source, NAMES, 1) for _ in range(2)]
    return several if kind & 4 else {"version": "4", "alerts": several}


def _holds(told: Told) -> None:
    assert told.reading.subject
    assert told.until is None or told.until.tzinfo is not None
    told.reading.subject.encode()  # the tables take no half of a character
    json.dumps(told.reading.facts, allow_nan=False, ensure_ascii=False).encode()
    shown = TEMPLATES.block(
        CARD, "headline", facts=told.reading.facts, subject=told.reading.subject
    )
    assert fit_html(shown, lambda count: f"{count} more") == shown
