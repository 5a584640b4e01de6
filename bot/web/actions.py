"""Remediations from a program: the desk decides as it does about a tap.

A program's yes is an admin's token that says `confirm=true`, or SoVAni's own call. What needs two
people needs them here as well: a program may only ask, for a person, and another one says yes in
the chat.
"""

import asyncio
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Literal

from bot.core.grants import Grant
from bot.core.model import Alert, Phrase
from bot.core.params import WrongArguments, parse
from bot.core.ports import Tx
from bot.core.records import Run, RunState
from bot.core.runbook import Guard, Remediation
from bot.core.verbs import Verb
from bot.core.wish import Wish
from bot.web.action_shapes import ActionRow, ActionRows, Remediated, RemediateQuery
from bot.web.context import Context
from bot.web.endpoint import AnyEndpoint, Call, Endpoint, Nothing, Reply
from bot.web.problems import ProblemError, problem
from bot.web.runs import GROUP, Runs, refusal

LOOK_EVERY = 0.1  # seconds
OPEN = (RunState.ASKED, RunState.PROPOSED, RunState.REQUESTED, RunState.RUNNING)
UNDER_WAY = (*OPEN, RunState.HANDED_OVER, RunState.VERIFYING)
NOT_DONE = (RunState.REFUSED, RunState.CANCELLED, RunState.EXPIRED)

Query = Call[Nothing, RemediateQuery, Nothing]


@dataclass(frozen=True, slots=True)
class Actions:
    context: Context
    runs: Runs

    async def remediate(self, call: Query) -> Reply:
        action, alert = await self._meant(call.query)
        self._may_decide(call, action)
        key = f"{call.who.name}:{call.key or secrets.token_hex(12)}"
        run = await self.context.store.read(lambda tx: tx.runs.by_key(key))
        if run is None:
            run = await self._begin(call, action, alert, key)
        run = await self._until(run, call.query.wait, lambda one: one.state not in UNDER_WAY)
        return await self._reply(run)

    async def actions(self, _call: Call[Nothing, Nothing, Nothing]) -> ActionRows:
        book = self.context.book
        return ActionRows(
            [
                ActionRow(
                    name=one.name,
                    label=one.label,
                    role=one.role,
                    guard=one.guard,
                    arguments=[param.name for param in one.params],
                    checks=[
                        name
                        for name, runbook in book.runbooks.items()
                        if one.name in runbook.remediations
                    ],
                )
                for one in book.remediations.values()
                if one.direct
            ]
        )

    async def _meant(self, query: RemediateQuery) -> tuple[Remediation, Alert | None]:
        book, source = self.context.book, query.alert_source
        runbook = book.known.get(source) if source is not None else None
        if source is not None and runbook is None:
            raise problem(HTTPStatus.NOT_FOUND, "api_no_source", source=source)
        name = query.action
        if name is None and runbook is not None:
            name = runbook.automatic or next(iter(runbook.remediations), None)
        action = book.remediations.get(name) if name is not None else None
        if action is None:
            raise problem(HTTPStatus.NOT_FOUND, "api_no_action", source=source, action=name)
        if query.action is None and not book.policy.automatic:
            raise problem(HTTPStatus.BAD_REQUEST, "api_automatic_off")
        alerts = await self.context.store.read(
            lambda tx: list(tx.alerts.open(source)) if source is not None else []
        )
        cured = (one for one in alerts if runbook is None or runbook.repairs(one.subject))
        return action, next(filter(action.suits, cured), None)

    def _may_decide(self, call: Query, action: Remediation) -> None:
        """Whether this token may begin it at all: somebody must be able to say yes."""
        token = call.token
        assert token is not None  # noqa: S101  # the endpoint needs one
        if token.user_id is not None:
            return
        if action.guard is Guard.TWO_PEOPLE:
            raise problem(HTTPStatus.FORBIDDEN, "api_needs_person", action=action.label)
        if action.guard is Guard.CONFIRM and not _decides(call):
            raise problem(HTTPStatus.FORBIDDEN, "api_needs_confirm", action=action.label)

    async def _begin(self, call: Query, action: Remediation, alert: Alert | None, key: str) -> Run:
        try:
            args = parse(action, call.query.args.split())
        except WrongArguments as wrong:
            raise ProblemError(HTTPStatus.UNPROCESSABLE_ENTITY, wrong.why) from wrong
        wish = Wish(action=action.name, key=key, args=args, alert=alert)
        run = await self.context.desk.propose(call.who, wish, role=call.who.role)
        if isinstance(run, Phrase):
            raise refusal(run)
        if action.guard is Guard.CONFIRM and _decides(call):
            run = await self._until(run, 20.0, lambda one: one.state is not RunState.ASKED)
            if run.state is RunState.PROPOSED:
                await self.context.desk.decide(call.who, Verb.CONFIRM, run.id, role=call.who.role)
        return run

    async def _until(self, run: Run, seconds: float, over: Callable[[Run], bool]) -> Run:
        """Look again until it is so far, or the time is over; it goes on by itself."""
        end = self.context.monotonic() + seconds
        looks = int(seconds / LOOK_EVERY)
        run = await self.runs.get(run.id)
        while not over(run) and looks > 0 and self.context.monotonic() < end:
            looks -= 1
            await asyncio.sleep(LOOK_EVERY)
            run = await self.runs.get(run.id)
            if run.state is RunState.PROPOSED and self._waits_for_people(run):
                break
        return run

    def _waits_for_people(self, run: Run) -> bool:
        action = self.context.book.remediations.get(run.action)
        return action is not None and action.guard is Guard.TWO_PEOPLE

    async def _reply(self, run: Run) -> Reply:
        now = self.context.clock()

        def read(tx: Tx) -> tuple[str, int]:
            runs = tx.runs.of_alert(run.alert_id) if run.alert_id is not None else []
            earlier = [one for one in runs if one.action == run.action and one.id < run.id]
            return self.runs.text(tx, run, now), len(earlier)

        text, earlier = await self.context.store.read(read)
        body = Remediated(
            status=_status(run),
            action_name=run.action,
            details=text,
            retry_count=earlier,
            run=run.id,
        )
        waits = run.state in UNDER_WAY
        return Reply(
            body,
            HTTPStatus.ACCEPTED if waits else HTTPStatus.OK,
            headers={"Location": f"/api/v1/ops/runs/{run.id}"} if waits else {},
        )


def endpoints(context: Context) -> list[AnyEndpoint]:
    does = Actions(context, Runs(context))
    return [
        Endpoint(
            method="POST",
            path="/api/v1/ops/remediate",
            name="remediate",
            about="Repair: the remediation of an alert source, or an action by name. Through the "
            "same guards as in the chat; what needs two people is only asked for.",
            work=does.remediate,
            answer=Remediated,
            needs=Grant.MANAGER,
            query=RemediateQuery,
            also={HTTPStatus.ACCEPTED: "Under way, or waiting for a person's yes in the chat."},
            refusals={
                HTTPStatus.BAD_REQUEST: "`AUTO_REMEDIATION_ENABLED` is off; name the action.",
                HTTPStatus.NOT_FOUND: "There is no such source or action, or it has none.",
                HTTPStatus.CONFLICT: "It cannot be done now; the detail says why.",
            },
            seconds=90.0,
            group=GROUP,
        ),
        Endpoint(
            method="GET",
            path="/api/v1/ops/actions",
            name="actions",
            about="What can be done, by whom, and what stands between the wish and the deed.",
            work=does.actions,
            answer=ActionRows,
            needs=Grant.VIEWER,
            group=GROUP,
        ),
    ]


def _decides(call: Query) -> bool:
    """An admin's token whose request is the decision: it says so, or it is SoVAni's own call."""
    token = call.token
    says_so = call.query.confirm or call.query.action is None
    return token is not None and token.grant is Grant.ADMIN and says_so


def _status(run: Run) -> Literal["success", "failure", "running", "proposed", "refused"]:
    if run.state is RunState.SUCCEEDED:
        return "success"
    if run.state is RunState.PROPOSED:
        return "proposed"
    if run.state in UNDER_WAY:
        return "running"
    return "refused" if run.state in NOT_DONE else "failure"
