"""`/api/v1/ops`: what SoVAni's own API has under the same names, with the same shapes and more."""

import json
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Literal

from pydantic import BaseModel, Field, RootModel

from bot.core.grants import Grant
from bot.core.model import Alert, Severity, State
from bot.core.ports import Tx
from bot.core.records import PostState, RunState
from bot.edges.round_report import lines_of, report
from bot.edges.templates import plain
from bot.web.context import Context
from bot.web.endpoint import AnyEndpoint, Call, Endpoint, Nothing, Reply
from bot.web.problems import retry

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
FAILED = (RunState.FAILED, RunState.NOT_VERIFIED, RunState.INTERRUPTED)
Empty = Call[Nothing, Nothing, Nothing]


class Result(BaseModel):
    """One thing that a check looked at. `ok` is false for what could not be seen, too.

    A check that is switched off has one of these with the status `off`: no trouble, and not well.
    """

    ok: bool
    severity: Severity
    msg: str
    fingerprint: str
    extras: dict[str, object] = Field(description="The numbers that the card shows.")
    status: Literal["ok", "firing", "unknown", "off"]
    check: str
    subject: str
    idle: bool = Field(description="Nothing to measure, and that is nobody's fault.")
    took_ms: float


class Detected(BaseModel):
    status: Literal["completed"]
    total_checks: int
    passed: int
    failed: int
    unknown: int = Field(description="Checks that could not see. They are not among `passed`.")
    off: int = Field(description="Checks that are switched off. They are among none of these.")
    results: list[Result]


class OpsHealth(BaseModel):
    alerts_last_hour: int
    critical_last_24h: int
    remediations_last_hour: int
    remediation_failures_24h: int


class AlertRow(BaseModel):
    """A row as in SoVAni's `ops_alerts_history`, with what is known of its life besides."""

    id: int
    created_at: datetime
    source: str
    severity: Severity
    message: str
    fingerprint: str
    extras_json: str = Field(description="`facts` as text, as SoVAni's table has it.")
    sent_to_chat_ids: str = Field(description="Chats that were shown it, by comma.")
    state: State
    subject: str
    facts: dict[str, object]
    times: int = Field(description="How often it has opened, reopenings included.")
    acknowledged_by: str | None
    acknowledged_at: datetime | None
    resolved_at: datetime | None


class AlertRows(RootModel[list[AlertRow]]):
    pass


class AlertQuery(BaseModel):
    limit: int = Field(default=100, ge=1, le=500)
    severity: Severity | None = None


def endpoints(context: Context) -> list[AnyEndpoint]:
    async def run_detectors(call: Empty) -> Reply:
        if context.detectors.busy:
            raise retry(HTTPStatus.CONFLICT, "api_rounds_busy", 5)
        rounds = (await context.detectors.run()).rounds
        lines = [line for done in rounds for line in lines_of(done, context.cards)]
        await _record(context, call)
        return Reply(Detected.model_validate(report(rounds, lines)))

    async def health(_call: Empty) -> OpsHealth:
        now = context.clock()
        return await context.store.read(lambda tx: _health(tx, now))

    async def alerts(call: Call[Nothing, AlertQuery, Nothing]) -> AlertRows:
        query = call.query

        def read(tx: Tx) -> list[tuple[Alert, list[int]]]:
            found = tx.alerts.newest(query.limit, query.severity)
            return [(one, shown_in(tx, one)) for one in found]

        found = await context.store.read(read)
        return AlertRows([row(context, alert, chats) for alert, chats in found])

    return [
        Endpoint(
            method="POST",
            path="/api/v1/ops/run-detectors",
            name="run_detectors",
            about="Run all checks now, as a round of each: alerts open and resolve by it.",
            work=run_detectors,
            answer=Detected,
            needs=Grant.MANAGER,
            refusals={HTTPStatus.CONFLICT: "They are being run already."},
            seconds=120.0,
        ),
        Endpoint(
            method="GET",
            path="/api/v1/ops/health",
            name="ops_health",
            about="How many alerts and remediations there were lately.",
            work=health,
            answer=OpsHealth,
            needs=Grant.VIEWER,
        ),
        Endpoint(
            method="GET",
            path="/api/v1/ops/alerts",
            name="alerts",
            about="The latest alerts, open and over, the newest first.",
            work=alerts,
            answer=AlertRows,
            needs=Grant.VIEWER,
            query=AlertQuery,
        ),
    ]


async def _record(context: Context, call: Empty) -> None:
    now = context.clock()
    await context.store.write(
        lambda tx: tx.audit.write(now=now, who=call.who, chat_id=0, did=call.did, verdict="done")
    )


def _health(tx: Tx, now: datetime) -> OpsHealth:
    runs = tx.runs.started_since(now - DAY)
    return OpsHealth(
        alerts_last_hour=sum(tx.alerts.opened_since(now - HOUR).values()),
        critical_last_24h=tx.alerts.opened_since(now - DAY).get(Severity.CRITICAL, 0),
        remediations_last_hour=sum(
            one.started_at is not None and one.started_at >= now - HOUR for one in runs
        ),
        remediation_failures_24h=sum(one.state in FAILED for one in runs),
    )


def shown_in(tx: Tx, alert: Alert) -> list[int]:
    posts = tx.posts.of_alert(alert.id)
    return sorted({one.chat_id for one in posts if one.state is PostState.SHOWN})


def row(context: Context, alert: Alert, chats: list[int]) -> AlertRow:
    return AlertRow(
        id=alert.id,
        created_at=alert.opened_at,
        source=alert.check,
        severity=alert.severity,
        message=plain(context.cards.alert_line(alert)),
        fingerprint=alert.fingerprint,
        extras_json=json.dumps(alert.facts, ensure_ascii=False),
        sent_to_chat_ids=",".join(map(str, chats)),
        state=alert.state,
        subject=alert.subject,
        facts=dict(alert.facts),
        times=alert.times,
        acknowledged_by=alert.acknowledged_by,
        acknowledged_at=alert.acknowledged_at,
        resolved_at=alert.resolved_at,
    )
