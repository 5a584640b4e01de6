"""Runbooks for programs: each line with what does it, and what was done of it in an incident."""

from collections.abc import Sequence
from datetime import date, datetime
from http import HTTPStatus

from pydantic import BaseModel, Field

from bot.core import guide
from bot.core.counter import FAR_AWAY
from bot.core.deeds import Mark, Tick
from bot.core.grants import Grant
from bot.core.model import Severity, State
from bot.core.params import WrongArguments
from bot.core.steps import Section
from bot.edges.templates import plain
from bot.web.context import Context
from bot.web.endpoint import AnyEndpoint, Call, Endpoint, Nothing
from bot.web.problems import problem
from bot.web.reading import asking_of


class RunbookPath(BaseModel):
    number: int = Field(ge=1, le=999, description="As `/runbook` lists them.")


class RunbookQuery(BaseModel):
    alert: int = Field(
        default=0,
        ge=0,
        lt=FAR_AWAY,
        description="Whose incident; 0: of the worst open alert, if there is one.",
    )


class Incident(BaseModel):
    id: int
    subject: str
    severity: Severity
    state: State
    opened_at: datetime
    resolved_at: datetime | None


class Deed(BaseModel):
    mark: Mark
    at: datetime = Field(description="When; of what is on the checklist, when it is due.")
    who: str | None = Field(description="`null`: by itself, or nobody has it yet.")
    what: str | None = Field(description="Which of several things, or the cause.")


class RunbookLine(BaseModel):
    section: Section
    number: str = Field(description="`3`, or `3b` for a part of a step.")
    text: str
    asks: list[str] = Field(description="Questions, as `ask` and `diagnose` take them.")
    does: list[str] = Field(description="Actions, as `remediate` takes them.")
    todo: list[str] = Field(description="What only people can do: steps of the checklist.")
    schedule: str | None
    next_at: datetime | None = Field(description="When the calendar does it next.")
    done: list[Deed] = Field(description="The latest first.")


class RunbookPage(BaseModel):
    number: int
    title: str
    alert_source: str
    about: str
    alert: Incident | None
    open_alerts: list[int]
    steps_done: int
    steps: int
    lines: list[RunbookLine]


def endpoints(context: Context) -> list[AnyEndpoint]:
    async def runbook(call: Call[RunbookPath, RunbookQuery, Nothing]) -> RunbookPage:
        return await _page(context, call)

    return [
        Endpoint(
            method="GET",
            path="/api/v1/ops/runbooks/{number}",
            name="runbook",
            about="The lines of a runbook, what does each, and what was done of it.",
            work=runbook,
            answer=RunbookPage,
            needs=Grant.VIEWER,
            params=RunbookPath,
            query=RunbookQuery,
            refusals={HTTPStatus.NOT_FOUND: "There is no such runbook, or no such alert of it."},
            group="Questions",
        )
    ]


async def _page(context: Context, call: Call[RunbookPath, RunbookQuery, Nothing]) -> RunbookPage:
    asking = asking_of(context, call.who, {})
    try:
        runbook, alerts = await guide.find(asking, call.path.number, call.query.alert)
    except WrongArguments as wrong:
        raise problem(HTTPStatus.NOT_FOUND, "api_no_runbook", number=call.path.number) from wrong
    alert = alerts[0] if alerts else None
    found = await guide.lines(asking, runbook, alert)
    finished, _, steps = guide.done(found)
    return RunbookPage(
        number=runbook.number,
        title=runbook.title,
        alert_source=runbook.name,
        about=plain(asking.wording.guide(runbook, "about")),
        alert=Incident.model_validate(alert, from_attributes=True) if alert else None,
        open_alerts=[one.id for one in alerts if one.state is not State.RESOLVED],
        steps_done=finished,
        steps=steps,
        lines=[
            _line(one, asking.moment.today)
            for section in Section
            for one in found[section]
            if one.mark
        ],
    )


def _line(line: guide.Line, today: date) -> RunbookLine:
    step = line.step
    return RunbookLine(
        section=step.section,
        number=line.mark,
        text=plain(line.text),
        asks=list(step.asks.values()),
        does=step.deeds(today),
        todo=list(step.todo),
        schedule=step.schedule or None,
        next_at=line.next_at,
        done=_deeds(line.ticks),
    )


def _deeds(ticks: Sequence[Tick]) -> list[Deed]:
    return [
        Deed(mark=one.mark, at=one.at, who=one.who or None, what=one.what or None) for one in ticks
    ]
