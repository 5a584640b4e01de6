"""One alert: its story, and the answers that people give by tap, from a program."""

import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Any

from pydantic import BaseModel

from bot.core import desk_alerts, desk_silences, quiet
from bot.core.counter import Counter
from bot.core.grants import Grant
from bot.core.model import Alert, State, phrase
from bot.core.ports import Tx
from bot.core.press import Hand, Said, refuse
from bot.core.records import Silence
from bot.web.alert_shapes import (
    AlertPath,
    Done,
    Event,
    Note,
    Silenced,
    SilencePath,
    SilenceRow,
    SilenceRows,
    SilenceWish,
    Story,
)
from bot.web.context import Context
from bot.web.endpoint import AnyEndpoint, Call, Endpoint, Nothing
from bot.web.ops import AlertRow, row, shown_in
from bot.web.problems import ProblemError, problem

GROUP = "Alerts"
UNKNOWN = {"alert_unknown", "silence_unknown"}
SATISFIED = {"already_yours"}  # it is as it was wished
NOT_FOUND = {HTTPStatus.NOT_FOUND: "There is no such alert."}
REFUSED = {**NOT_FOUND, HTTPStatus.CONFLICT: "It cannot be done now; the detail says why."}


Of = Call[AlertPath, Nothing, Nothing]
Answer = Callable[[Hand, Alert], Said]
Work = Callable[[Any], Awaitable[Done]]


@dataclass(frozen=True, slots=True)
class Answers:
    """What can be asked and answered about alerts."""

    context: Context
    counter: Counter

    async def story(self, call: Of) -> Story:
        now = self.context.clock()
        found = await self.context.store.read(
            lambda tx: _story(self.context, tx, call.path.id, now)
        )
        if found is None:
            raise problem(HTTPStatus.NOT_FOUND, "alert_unknown", alert=call.path.id)
        return found

    async def answered(self, call: Call[AlertPath, Nothing, Any], work: Answer) -> Done:
        said = await self.counter.answer(call.who, call.did, call.path.id, work)
        return await _done(self.context, said, call.path.id)

    async def acknowledge(self, call: Of) -> Done:
        return await self.answered(call, desk_alerts.acknowledge)

    async def give_back(self, call: Of) -> Done:
        return await self.answered(call, desk_alerts.give_back)

    async def resolve(self, call: Of) -> Done:
        return await self.answered(call, desk_alerts.resolve)

    async def note(self, call: Call[AlertPath, Nothing, Note]) -> Done:
        key = f"{call.who.name}:{call.key or secrets.token_hex(8)}"
        text = call.body.text
        return await self.answered(call, lambda hand, one: desk_alerts.note(hand, one, text, key))

    async def silence(self, call: Call[AlertPath, Nothing, SilenceWish]) -> Silenced:
        made: list[Silence] = []

        def work(hand: Hand, alert: Alert) -> Said:
            return _silence(hand, alert, call.body, made)

        done = await self.answered(call, work)
        return Silenced(key=done.key, said=done.said, alert=done.alert, silence=_row(made[0]))

    async def silences(self, _call: Call[Nothing, Nothing, Nothing]) -> SilenceRows:
        now, policy = self.context.clock(), self.context.book.policy
        found = await self.context.store.read(lambda tx: quiet.active(tx, policy, now))
        return SilenceRows([_row(one) for one in found])

    async def unsilence(self, call: Call[SilencePath, Nothing, Nothing]) -> Done:
        said = await self.counter.act(
            call.who, call.did, lambda hand: desk_silences.end(hand, call.path.id)
        )
        return await _done(self.context, said, None)


def endpoints(context: Context) -> list[AnyEndpoint]:
    counter = Counter(
        store=context.store, book=context.book, clock=context.clock, wake=context.wake
    )
    does = Answers(context, counter)
    return [
        Endpoint(
            method="GET",
            path="/api/v1/ops/alerts/{id}",
            name="alert",
            about="One alert with its story.",
            work=does.story,
            answer=Story,
            needs=Grant.VIEWER,
            params=AlertPath,
            refusals=NOT_FOUND,
            group=GROUP,
        ),
        _of_alert(
            "acknowledge",
            "Take it: reminders stop. Taken by this token before: done.",
            does.acknowledge,
        ),
        _of_alert("give-back", "Nobody has it any more; its clocks start anew.", does.give_back),
        _of_alert("resolve", "Close it by hand, unless its check still sees it.", does.resolve),
        _of_alert("note", "Keep a remark in its story.", does.note, Note),
        _of_alert(
            "silence",
            "No notices of it for a while, unless it gets worse.",
            does.silence,
            SilenceWish,
        ),
        Endpoint(
            method="GET",
            path="/api/v1/ops/silences",
            name="silences",
            about="Everything that keeps alerts from ringing now. Number 0: from the settings.",
            work=does.silences,
            answer=SilenceRows,
            needs=Grant.VIEWER,
            group=GROUP,
        ),
        Endpoint(
            method="DELETE",
            path="/api/v1/ops/silences/{id}",
            name="unsilence",
            about="End a silence early: what it covered rings again.",
            work=does.unsilence,
            answer=Done,
            needs=Grant.MANAGER,
            params=SilencePath,
            refusals={**REFUSED, HTTPStatus.NOT_FOUND: "There is no such silence."},
            group=GROUP,
        ),
    ]


def _of_alert(name: str, about: str, work: Work, body: type[BaseModel] = Nothing) -> AnyEndpoint:
    return Endpoint(
        method="POST",
        path=f"/api/v1/ops/alerts/{{id}}/{name}",
        name=name.replace("-", "_"),
        about=about,
        work=work,
        answer=Silenced if name == "silence" else Done,
        needs=Grant.MANAGER,
        params=AlertPath,
        body=body,
        refusals=REFUSED,
        group=GROUP,
    )


async def _done(context: Context, said: Said, alert_id: int | None) -> Done:
    key = said.text.key
    if said.loud and key not in SATISFIED:
        status = HTTPStatus.NOT_FOUND if key in UNKNOWN else HTTPStatus.CONFLICT
        raise ProblemError(status, said.text)

    def read(tx: Tx) -> AlertRow | None:
        alert = tx.alerts.get(alert_id) if alert_id is not None else None
        return row(context, alert, shown_in(tx, alert)) if alert else None

    return Done(
        key=key, said=context.templates.say_plain(said.text), alert=await context.store.read(read)
    )


def _silence(hand: Hand, alert: Alert, wish: SilenceWish, made: list[Silence]) -> Said:
    if alert.state is State.RESOLVED:
        return refuse("alert_over")
    until = desk_silences.end_of(wish.length, hand.book.policy, hand.now)
    if until is None:
        return Said(phrase("api_silence_length"), loud=True)
    found = desk_silences.begin(hand, desk_silences.of_alert(alert), until, wish.why)
    if isinstance(found, Said):
        return found
    made.append(found)
    return desk_silences.silenced(found)


def _story(context: Context, tx: Tx, alert_id: int, now: datetime) -> Story | None:
    alert = tx.alerts.get(alert_id)
    if alert is None:
        return None
    hush = quiet.of(tx, context.book.policy, alert, now)
    history = [
        Event(at=one.at, who=one.who, event=one.event, values=dict(one.values))
        for one in tx.alerts.history(alert_id)
    ]
    return Story(
        **row(context, alert, shown_in(tx, alert)).model_dump(),
        silenced_until=hush.until if hush else None,
        remind_at=alert.remind_at,
        escalate_at=alert.escalate_at,
        history=history,
        runs=[run.id for run in tx.runs.of_alert(alert_id)],
    )


def _row(one: Silence) -> SilenceRow:
    return SilenceRow(
        id=one.id,
        check=one.check,
        subject=one.subject,
        severity=one.severity,
        by=one.by_name,
        why=one.why,
        until=one.until,
        maintenance=one.maintenance,
        swallowed=one.swallowed,
    )
