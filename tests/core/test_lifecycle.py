"""The life of an alert: what a round makes of what it saw."""

from dataclasses import replace

import pytest

from bot.core.lifecycle import Change, Open, Reopen, Resolve, Step, plan
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
    steps = plan([alert] if alert else [], [over] if over else [], readings)

    assert steps == expected
