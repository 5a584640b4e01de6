"""The life of an alert: what a round makes of what it saw."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.core.lifecycle import (
    Calm,
    Change,
    Open,
    Past,
    Patience,
    Reopen,
    Resolve,
    Step,
    Wait,
    plan,
)
from bot.core.model import Alert, Reading, Severity, State, fires, ok, phrase, unknown
from tests.conftest import NOON

SICK = fires("t", Severity.WARNING, size=6)
WORSE = fires("t", Severity.ERROR, size=9)
WELL = ok("t", size=3)
BLIND = unknown("t", phrase("shop_locked", path="x"))
FIRING = Alert(
    id=1,
    check="c",
    subject="t",
    severity=Severity.WARNING,
    state=State.FIRING,
    facts={"size": 6},
    opened_at=NOON,
    told_at=NOON,
)
TAKEN = replace(FIRING, state=State.ACKNOWLEDGED)
OVER = replace(FIRING, state=State.RESOLVED, resolved_at=NOON)


@pytest.mark.parametrize(
    ("alert", "over", "readings", "expected"),
    [
        pytest.param(None, None, [WELL], [], id="all is well"),
        pytest.param(None, None, [SICK], [Open(SICK)], id="a new trouble opens an alert"),
        pytest.param(None, None, [BLIND], [], id="a blind look opens nothing"),
        pytest.param(None, OVER, [SICK], [Reopen(OVER, SICK)], id="back so soon: its old card"),
        pytest.param(None, OVER, [WELL], [], id="over and still well"),
        pytest.param(FIRING, None, [SICK], [], id="the same again is no news"),
        pytest.param(FIRING, None, [WORSE], [Change(FIRING, WORSE)], id="it gets worse"),
        pytest.param(FIRING, None, [BLIND], [], id="a blind look resolves nothing"),
        pytest.param(
            FIRING, None, [WELL], [Resolve(FIRING, {"size": 3})], id="healed, with proof"
        ),
        pytest.param(TAKEN, None, [WELL], [Resolve(TAKEN, {"size": 3})], id="healed by somebody"),
        pytest.param(TAKEN, None, [SICK], [], id="taken and still firing"),
        pytest.param(FIRING, None, [ok("other")], [Resolve(FIRING, {})], id="watched no longer"),
    ],
)
def test_plan(
    alert: Alert | None, over: Alert | None, readings: list[Reading], expected: list[Step]
) -> None:
    past = Past(open=[alert] if alert else [], just_resolved=[over] if over else [])

    assert plan(past, readings, now=NOON, patience=Patience()) == expected


MINUTES = timedelta(minutes=1)
SINCE = NOON - 4 * MINUTES
PATIENT = Patience(hold=5 * MINUTES, keep=5 * MINUTES, calm=10 * MINUTES)
RESTING = replace(FIRING, well_since=SINCE)
FLAPPING = replace(RESTING, flapping_since=SINCE)


@pytest.mark.parametrize(
    ("minute", "alert", "reading", "expected"),
    [
        pytest.param(0, None, SICK, [Wait(SICK, SINCE)], id="fires, not long enough"),
        pytest.param(1, None, SICK, [Open(SICK)], id="long enough"),
        pytest.param(0, None, WELL, [], id="well again before it was an alert"),
        pytest.param(0, None, BLIND, [Wait(BLIND, SINCE)], id="a blind look keeps the count"),
        pytest.param(0, FIRING, WELL, [Calm(FIRING, NOON)], id="well, perhaps by chance"),
        pytest.param(0, RESTING, WELL, [], id="still well, not long enough"),
        pytest.param(1, RESTING, WELL, [Resolve(RESTING, {"size": 3})], id="well long enough"),
        pytest.param(1, RESTING, SICK, [Change(RESTING, SICK)], id="sick again: count anew"),
        pytest.param(5, FLAPPING, WELL, [], id="one that flaps must be calm for longer"),
        pytest.param(6, FLAPPING, WELL, [Resolve(FLAPPING, {"size": 3})], id="calm at last"),
        pytest.param(
            -60,
            RESTING,
            WELL,
            [Calm(RESTING, NOON - 60 * MINUTES)],
            id="a clock set back ends nothing early, and begins to count anew",
        ),
    ],
)
def test_patience(
    minute: int, alert: Alert | None, reading: Reading, expected: list[Step]
) -> None:
    past = Past(open=[alert] if alert else [], waiting={"t": SINCE})

    assert plan(past, [reading], now=NOON + minute * MINUTES, patience=PATIENT) == expected
