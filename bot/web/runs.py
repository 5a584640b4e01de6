"""One run of a remediation: how far it is, and no to it, from a program."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus

from pydantic import BaseModel

from bot.core.grants import Grant
from bot.core.model import Phrase
from bot.core.ports import Tx
from bot.core.records import Run
from bot.core.verbs import Verb
from bot.edges.templates import plain
from bot.web.action_shapes import RunPath, RunRow, RunSaid
from bot.web.context import Context
from bot.web.endpoint import AnyEndpoint, Call, Endpoint, Nothing
from bot.web.problems import ProblemError, problem

GROUP = "Remediations"

Of = Call[RunPath, Nothing, Nothing]


@dataclass(frozen=True, slots=True)
class Runs:
    context: Context

    async def run(self, call: Of) -> RunRow:
        run = await self.get(call.path.id)
        now = self.context.clock()
        text = await self.context.store.read(lambda tx: self.text(tx, run, now))
        action = self.context.book.remediations.get(run.action)
        return RunRow(
            id=run.id,
            action=run.action,
            title=action.title(run) if action else run.action,
            state=run.state,
            text=text,
            alert=run.alert_id,
            asked_by=run.asked_name,
            asked_at=run.asked_at,
            confirmed_by=run.confirmed_name,
            started_at=run.started_at,
            finished_at=run.finished_at,
            before=dict(run.before),
            progress=dict(run.progress),
            after=dict(run.after),
        )

    async def cancel(self, call: Of) -> RunSaid:
        return await self._decide(call, Verb.CANCEL)

    async def stop(self, call: Of) -> RunSaid:
        return await self._decide(call, Verb.STOP)

    async def get(self, run_id: int) -> Run:
        run = await self.context.store.read(lambda tx: tx.runs.get(run_id))
        if run is None:
            raise problem(HTTPStatus.NOT_FOUND, "api_no_run", run=run_id)
        return run

    def text(self, tx: Tx, run: Run, now: datetime) -> str:
        return plain(self.context.cards.run_text(tx, run, now))

    async def _decide(self, call: Of, verb: Verb) -> RunSaid:
        await self.get(call.path.id)
        said = await self.context.desk.decide(call.who, verb, call.path.id, role=call.who.role)
        if said.key not in {"cancelled", "stopping"}:
            raise refusal(said)
        return RunSaid(key=said.key, said=self.context.templates.say_plain(said))


def endpoints(context: Context) -> list[AnyEndpoint]:
    does = Runs(context)
    return [
        _of_run(
            "GET", "", "run", "One remediation: how far it is, what it did.", does.run, RunRow
        ),
        _of_run("POST", "/cancel", "cancel_run", "Say no before it begins.", does.cancel, RunSaid),
        _of_run(
            "POST", "/stop", "stop_run", "End it early, where that is safe.", does.stop, RunSaid
        ),
    ]


def _of_run(  # noqa: PLR0913, PLR0917  # what the three differ in
    method: str,
    tail: str,
    name: str,
    about: str,
    work: Callable[[Of], Awaitable[BaseModel]],
    answer: type[BaseModel],
) -> AnyEndpoint:
    changes = {HTTPStatus.CONFLICT: "It is too late, or not possible; the detail says why."}
    return Endpoint(
        method=method,
        path=f"/api/v1/ops/runs/{{id}}{tail}",
        name=name,
        about=about,
        work=work,
        answer=answer,
        needs=Grant.VIEWER if method == "GET" else Grant.MANAGER,
        params=RunPath,
        refusals={
            HTTPStatus.NOT_FOUND: "There is no such run.",
            **(changes if method == "POST" else {}),
        },
        group=GROUP,
    )


def refusal(why: Phrase) -> ProblemError:
    forbidden = why.key in {"role_too_low", "confirm_by_another", "confirm_other_person"}
    return ProblemError(HTTPStatus.FORBIDDEN if forbidden else HTTPStatus.CONFLICT, why)
