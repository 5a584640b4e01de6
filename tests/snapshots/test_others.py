"""Cards of what has no rounds: blind checks, heartbeats, people's own words, other programs."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from bot.core import beats, cards, manual, review, senders, sight
from bot.core.keyboard import leading
from bot.core.model import (
    Alert,
    Json,
    Reading,
    Severity,
    Source,
    State,
    Status,
    fires,
    ok,
    phrase,
    unknown,
)
from bot.core.ports import Tx
from bot.core.records import Beat, CheckState, RunState
from bot.web.incoming import facts
from tests import wide
from tests.paper import nothing_else
from tests.questions import runs
from tests.questions.scene import BEATS, PLANS_OF_JOBS, POOR
from tests.snapshots.stage import KOSTYA, LONG_NAME, OLGA, Stage

KEPT = Path(__file__).with_name("others")
CASH = "check_cash_balance_threshold"


def blind(now: datetime) -> list[Reading]:
    """The shop's database is locked for four checks; one is broken, one sees but a part."""
    why = phrase("shop_locked", path="/var/lib/sovani/" + "a-long-name/" * 8 + "sovani_bot.db")
    names = ("api_latency_p95", "cash_balance_threshold", "commission_outliers", "db_growth")
    state = CheckState(
        name="",
        status=Status.UNKNOWN,
        since=now,
        round_at=now,
        unknown_rounds=3,
        source=Source.SHOP_DATABASE,
        why=why,
    )
    alone = replace(
        state,
        name="check_token_expiry",
        source=Source.CHECK,
        why=phrase("round_failed", error="ValueError"),
    )
    unruled = phrase("commission_no_rules", rows=123_456, days=7)
    part = replace(
        state,
        name="check_ingest_success_rate",
        status=Status.FIRING,
        source=Source.CHECK,
        why=unruled,
        readings=(fires("WB", Severity.ERROR), unknown("Яндекс <Маркет> & OZON", unruled)),
    )
    states = [*(replace(state, name=f"check_{one}") for one in names), alone, part]
    return sight.judge(states, rounds=3, late=["check_scheduler_on_time"])


def late(now: datetime) -> list[Reading]:
    return [beats.judge(one, now) for one in beats.judge_all(PLANS_OF_JOBS, BEATS, now)]


def slow(_now: datetime) -> list[Reading]:
    one: dict[str, Json] = {
        "endpoint": f"GET /api/v1/{'<long>/' * 9}",
        "p95_ms": 10_000,
        "requests": 123_456_789,
        "at_least": True,
    }
    figures: dict[str, Json] = {
        "p95_ms": 10_000,
        "at_least": True,
        "threshold_ms": 1200,
        "slowest": [one, one, one],
        "seen_at": "2026-11-22T09:00:00+00:00",
        "people": [f"{LONG_NAME} {n}" for n in range(12)],
        "said": wide.CATEGORY * 9,
    }
    return [
        fires("slow dashboard", Severity.WARNING, **figures),
        fires("slow again", Severity.WARNING, people=["Ann"], said="", p95_ms=None),
    ]


def reviewed(_now: datetime) -> list[Reading]:
    figures: dict[str, Json] = {
        "month": "2026-11-01",
        "days": 30,
        "outliers": 123_456,
        "at_stake_rub": wide.SUM,
    }
    return [fires("2026-11", Severity.WARNING, **figures)]


def foreign(now: datetime) -> list[Reading]:
    """As a webhook's words are kept: cleaned and cut."""
    labels = {f"label_{n}_of_another_program": "<value> & " + "value " * 40 for n in range(30)}
    known = facts.facts_of(
        name="Диск <полон> " * 20,
        labels=labels,
        annotations={"summary": "93 % & rising " * 50, "description": "<b>full</b> " * 400}
        | {f"note_{n}": "text " * 200 for n in range(30)}
        | {"runbook_url": "https://wiki.example/" + "x" * 200},
        started_at=now - timedelta(days=2),
        link_to="http://prometheus.example/graph?" + "g0.expr=up&" * 20,
        values="B=22 C=1 " * 30,
    )
    short = facts.facts_of(
        name="DiskFull", labels={"job": "node"}, annotations={}, started_at=None
    )
    silent = {**short, senders.SILENT: now.isoformat()}
    return [
        facts.reading("wide", Severity.CRITICAL, known, firing=True),
        facts.reading("short", Severity.ERROR, short, firing=True),
        facts.reading("silent", Severity.WARNING, silent, firing=True),
    ]


SEEN: dict[str, Callable[[datetime], list[Reading]]] = {
    sight.NAME: blind,
    beats.NAME: late,
    manual.NAME: slow,
    review.NAME: reviewed,
    senders.name_of("grafana"): foreign,
}


@pytest.mark.parametrize("check", SEEN)
async def test_a_card_reads_as_it_should(check: str, stage: Stage) -> None:
    readings = [one for one in SEEN[check](stage.clock()) if one.status is Status.FIRING]
    await stage.sees(check, *readings)
    runbook = stage.book.runbook(check)
    for reading in readings:
        alert = await stage.alert(check, reading.subject)
        await stage.card(f"{reading.subject}: fires", alert)
        values = {**alert.facts, "jobs": {one.job: told(one) for one in BEATS}, "states": STATES}
        if runbook.diagnose.template.startswith(runbook.folder):
            html = stage.cards.templates.render(runbook.diagnose.template, **values, alert=alert)
            stage.sheet.add(runbook.diagnose.label, html, leading(runbook.diagnose.leads))
    reading = readings[0]
    alert = await stage.takes(await stage.alert(check, reading.subject))
    await stage.card("taken", alert)
    stage.clock.forward(hours=2)
    await stage.sees(check, ok(reading.subject, **{**reading.facts, "took_seconds": 1234}))
    await stage.card("over", await stage.alert(check, reading.subject))
    stage.sheet.held(KEPT / f"{check}.html")


async def test_a_card_of_a_check_that_is_gone_reads_as_it_should(stage: Stage) -> None:
    reading = fires(f"{wide.CATEGORY} <b>&", Severity.ERROR, a_fact_of_old=1)

    def leave(tx: Tx, now: datetime) -> Alert:
        alert = tx.alerts.add("check_gone", reading, now)
        cards.give(tx, stage.book.policy, alert, now)
        return alert

    alert = await stage.write(leave)
    await stage.card("fires", alert)
    diagnose = stage.book.runbook("check_gone").diagnose
    html = stage.cards.templates.render(diagnose.template, alert=alert)
    stage.sheet.add(diagnose.label, html)
    await stage.card("taken", await stage.takes(alert))
    alert = await stage.alert("check_gone", reading.subject)
    over = {"state": State.RESOLVED, "resolved_at": stage.clock()}
    await stage.card("closed", await stage.changed(alert, proof={"closed_by": "Ann"}, **over))
    stage.sheet.held(KEPT / "check_gone.html")


STATES = [
    {"name": "check_db_growth", "status": "ok", "round_at": "2026-11-23T09:00:00+00:00"}
    | {"why": None},
    {"name": "check_token_expiry", "status": "unknown", "round_at": "2026-11-22T09:00:00+00:00"}
    | {"why": phrase("round_failed", error="ValueError")},
]


def told(beat: Beat) -> dict[str, Any]:
    moments = ("ok_at", "failed_at", "started_at")
    found = {name: getattr(beat, name) for name in moments}
    written = {name: one.isoformat() if one else None for name, one in found.items()}
    return {**written, "took_seconds": beat.took_seconds}


async def test_every_line_of_a_card_reads_as_it_should(stage: Stage) -> None:
    """All that a card may say besides its check's own lines, at once."""
    poor = fires("cash balance", Severity.ERROR, **{**POOR, "balance_rub": -wide.SUM * 10})
    await stage.sees(CASH, poor)
    alert = await stage.alert(CASH, "cash balance")
    now = stage.clock()
    await stage.sees("check_db_growth")
    cause = await stage.write(
        lambda tx, now: tx.alerts.add(
            "check_ingest_success_rate", fires("WB", Severity.ERROR), now
        )
    )
    facts = {
        "missing_days": 14,
        "last_day": None,
        "day": "2026-11-22",
        "usual_rows": 0,
    }
    await stage.changed(cause, facts=facts)
    alert = await stage.changed(
        alert, times=12, flapping_since=now, well_since=now, cause_id=cause.id
    )
    await stage.write(lambda tx, _now: runs.several(tx))
    for state in RunState:
        await stage.write(partial(run_of, alert_id=alert.id, state=state))
        await stage.card(f"a run is {state}", alert)
    await stage.silences(alert, maintenance=True)
    await stage.card("in maintenance", alert)
    closed = {"closed_by": LONG_NAME}
    alert = await stage.alert(CASH, "cash balance")
    alert = await stage.changed(alert, state=State.RESOLVED, resolved_at=now, proof=closed)
    await stage.card("closed by hand", alert)
    alert = await stage.changed(alert, proof={})
    again = stage.cards.templates.render("_repeat.html.j2", text="<b>A card</b>")
    stage.sheet.add("sent again", again)
    await stage.card("watched no longer", alert)
    stage.sheet.held(KEPT / "every_line.html")


NOT_BEGUN = {RunState.ASKED, RunState.PROPOSED, RunState.EXPIRED, RunState.REFUSED}


def run_of(tx: Tx, now: datetime, *, alert_id: int, state: RunState) -> None:
    """One more run of the alert in this state; the earlier one is out of its way."""
    first = tx.runs.get(1)
    assert first is not None
    for old in tx.runs.of_alert(alert_id):
        tx.runs.move(replace(old, state=RunState.EXPIRED, started_at=None), frm=old.state)
    why = phrase("action_too_slow", minutes=5)
    run = replace(
        first,
        id=0,
        key=f"of alert {state}",
        state=state,
        alert_id=alert_id,
        target=state,
        started_at=None if state in NOT_BEGUN else now,
        finished_at=now,
        asked_name=LONG_NAME,
        stop_by=OLGA.name,
        why=why if state in {RunState.FAILED, RunState.REFUSED} else None,
    )
    tx.runs.add(run)
    tx.alerts.touch(alert_id)


def test_nothing_is_kept_of_what_is_gone() -> None:
    nothing_else(KEPT, [*SEEN, "every_line", "check_gone"])


def test_everything_without_rounds_is_here(stage: Stage) -> None:
    homes = {stage.book.runbook(check).folder for check in SEEN}
    assert {one.folder for one in stage.book.others.values()} <= homes
    assert KOSTYA.id
