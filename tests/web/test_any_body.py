"""Whatever is sent: the parsers take it or refuse it with a sentence, and never stumble."""

import json
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.web.incoming import generic, prometheus, webhooks
from bot.web.incoming.shapes import RefusedError
from tests.conftest import NOON

PARSERS = (prometheus.parse, webhooks.alertmanager, webhooks.grafana, generic.parse)
SCALARS = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)
    | st.sampled_from(["firing", "resolved", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59-14:00"])
)  # fmt: skip
NAMES = st.sampled_from(
    [
        *("alerts", "labels", "annotations", "status", "startsAt", "endsAt", "values", "version"),
        *("truncatedAlerts", "id", "title", "severity", "started_at", "heard_again_by", "url"),
        *("alertname", "generatorURL", "valueString", "text"),
    ]
) | st.text(max_size=5)
ANYTHING = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES, inner, max_size=6),
    max_leaves=20,
)
LABELS = st.dictionaries(NAMES, st.text(max_size=10) | SCALARS, max_size=4)
ALERT = st.fixed_dictionaries(
    {"labels": LABELS},
    optional={
        **dict.fromkeys(("startsAt", "endsAt", "status", "valueString", "id"), SCALARS),
        **dict.fromkeys(("title", "severity", "started_at", "heard_again_by"), SCALARS),
        "annotations": LABELS,
        "values": LABELS,
    },
)


def taken(parse: Any, raw: bytes) -> None:  # noqa: ANN401  # one of PARSERS
    try:
        found = parse(raw, NOON, timedelta(minutes=5))
    except RefusedError:
        return
    for told in found.told:
        assert told.reading.subject
        assert told.until is None or told.until.tzinfo is not None
    assert all(found.refused)


@pytest.mark.parametrize("parse", PARSERS)
@settings(max_examples=40, deadline=None)
@given(body=ANYTHING | st.lists(ALERT, max_size=3) | ALERT)
def test_any_json(parse: Any, body: object) -> None:  # noqa: ANN401  # one of PARSERS
    taken(parse, json.dumps(body).encode())
    taken(parse, json.dumps({"alerts": body}).encode())


@pytest.mark.parametrize("parse", PARSERS)
@settings(max_examples=40, deadline=None)
@given(raw=st.binary(max_size=60))
def test_any_bytes(parse: Any, raw: bytes) -> None:  # noqa: ANN401  # one of PARSERS
    taken(parse, raw)
