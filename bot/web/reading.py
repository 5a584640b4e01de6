"""What can be asked: service levels, diagnoses, and the chat's read-only commands."""

import asyncio
from collections.abc import Mapping
from datetime import date, timedelta
from http import HTTPStatus
from typing import Literal

from pydantic import BaseModel, Field, RootModel

from bot.core.grants import Grant
from bot.core.model import Person
from bot.core.question import Asking, WrongArguments, parse
from bot.core.slo_report import MOST_DAYS, SloReport
from bot.edges.templates import plain
from bot.web.context import Context
from bot.web.endpoint import AnyEndpoint, Call, Endpoint, Nothing
from bot.web.problems import ProblemError, problem

GROUP = "Questions"


class DaysQuery(BaseModel):
    days: int = Field(default=7, ge=1, le=MOST_DAYS, description="Business days, today included.")


class SpanQuery(BaseModel):
    date_from: date | None = Field(default=None, description="Default: a week ago.")
    date_to: date | None = Field(default=None, description="Default: today.")


class Share(BaseModel):
    passes: bool | None = Field(
        alias="pass", description="`null`: not known, never taken for good."
    )
    off: bool = Field(
        default=False, description="Its check is switched off; left out of `overall_pass`."
    )
    actual_pct: float | None
    target_pct: float | None


class Time(BaseModel):
    passes: bool | None = Field(alias="pass")
    off: bool = False
    actual_p95_ms: float | None
    target_p95_ms: float | None


class Slo(BaseModel):
    status: Literal["ok"]
    d_from: date
    d_to: date
    days_analyzed: int
    ingest: Share
    scheduler: Share
    api_latency: Time
    overall_pass: bool


class DiagnoseQuery(BaseModel):
    alert_source: str = Field(
        max_length=100, examples=["check_db_growth"], description="The check."
    )
    question: str = Field(default="diagnose", max_length=100)


class Diagnosis(BaseModel):
    check: str
    question: str
    text: str = Field(description="What the chat would show, as plain text.")
    facts: dict[str, object]


class AskQuery(BaseModel):
    command: str = Field(
        pattern=r"^/?[a-z0-9_]{1,32}$", examples=["cash"], description="Without its slash."
    )
    args: str = Field(default="", max_length=200, examples=["30"], description="As in the chat.")


class Asked(BaseModel):
    command: str
    text: str
    rows: list[dict[str, object]] | None = Field(description="The whole table, where it has one.")


class QuestionRow(BaseModel):
    alert_source: str | None = Field(description="For `diagnose`; `null`: for `ask`.")
    name: str
    about: str
    usage: str


class QuestionRows(RootModel[list[QuestionRow]]):
    pass


def endpoints(context: Context) -> list[AnyEndpoint]:
    report = SloReport(
        book=context.book, tools=context.tools, store=context.store, interval=context.interval
    )

    one_at_a_time = asyncio.Lock()  # it reads much of the shop

    async def summary(call: Call[Nothing, DaysQuery, Nothing]) -> Slo:
        async with one_at_a_time:
            found = await report.last_days(context.moment(), call.query.days)
        return Slo.model_validate(found)

    async def slo(call: Call[Nothing, SpanQuery, Nothing]) -> Slo:
        at = context.moment()
        last = call.query.date_to or at.today
        first = call.query.date_from or last - timedelta(days=6)
        if not at.today - timedelta(days=MOST_DAYS) < first <= last <= at.today:
            raise problem(HTTPStatus.UNPROCESSABLE_ENTITY, "api_slo_span", days=MOST_DAYS)
        async with one_at_a_time:
            found = await report.summary(at, first, last)
        return Slo.model_validate(found)

    async def diagnose(call: Call[Nothing, DiagnoseQuery, Nothing]) -> Diagnosis:
        return await _diagnose(context, call.query)

    async def ask(call: Call[Nothing, AskQuery, Nothing]) -> Asked:
        return await _ask(context, call)

    async def questions(_call: Call[Nothing, Nothing, Nothing]) -> QuestionRows:
        return QuestionRows(_questions(context))

    def made(
        path: str, name: str, about: str, work: object, answer: type[BaseModel], **more: object
    ) -> AnyEndpoint:
        values: dict[str, object] = {"needs": Grant.VIEWER, "group": GROUP, **more}
        return Endpoint(
            method="GET",
            path=path,
            name=name,
            about=about,
            work=work,  # type: ignore[arg-type]  # each belongs to the query beside it
            answer=answer,
            **values,  # type: ignore[arg-type]  # likewise
        )

    unknown = {HTTPStatus.NOT_FOUND: "There is no such question."}
    return [
        made(
            "/api/v1/ops/slo/summary",
            "slo_summary",
            "Service levels of the last days: ingest, scheduler, latency of the web API.",
            summary,
            Slo,
            query=DaysQuery,
            local=True,
        ),
        made(
            "/api/v1/ops/slo",
            "slo",
            "Service levels from one day to another, both included.",
            slo,
            Slo,
            query=SpanQuery,
        ),
        made(
            "/api/v1/ops/diagnose",
            "diagnose",
            "A named question of a runbook: its figures, and the text of the chat.",
            diagnose,
            Diagnosis,
            query=DiagnoseQuery,
            refusals=unknown,
        ),
        made(
            "/api/v1/ops/ask",
            "ask",
            "A read-only command of the chat.",
            ask,
            Asked,
            query=AskQuery,
            refusals=unknown,
        ),
        made(
            "/api/v1/ops/questions",
            "questions",
            "What `diagnose` and `ask` know.",
            questions,
            QuestionRows,
        ),
    ]


async def _diagnose(context: Context, query: DiagnoseQuery) -> Diagnosis:
    runbook = context.book.known.get(query.alert_source)
    if runbook is None:
        raise problem(HTTPStatus.NOT_FOUND, "api_no_source", source=query.alert_source)
    known = (runbook.diagnose, *runbook.questions)
    question = next((one for one in known if one.name == query.question), None)
    if question is None:
        raise problem(HTTPStatus.NOT_FOUND, "api_no_question", name=query.question)
    alerts = await context.store.read(lambda tx: list(tx.alerts.open(runbook.name)))
    if runbook.name in context.book.others and not alerts:
        raise problem(HTTPStatus.NOT_FOUND, "api_no_question", name=query.question)
    facts = await question.read(context.tools, context.moment())
    alert = alerts[0] if alerts else None
    text = context.templates.render(question.template, **{**facts, "alert": alert})
    return Diagnosis(
        check=runbook.name, question=question.name, text=plain(text), facts=dict(facts)
    )


async def _ask(context: Context, call: Call[Nothing, AskQuery, Nothing]) -> Asked:
    name = call.query.command.removeprefix("/")
    command = context.commands.get(name)
    if command is None or command.read is None or command.act is not None:
        raise problem(HTTPStatus.NOT_FOUND, "api_no_question", name=name)
    if not command.permits(call.who.role):
        raise problem(
            HTTPStatus.FORBIDDEN, "role_too_low", role=call.who.role, needed=command.role
        )
    try:
        args = parse(command, call.query.args.split())
        page = await command.read(asking_of(context, call.who, args))
    except WrongArguments as wrong:
        raise ProblemError(HTTPStatus.UNPROCESSABLE_ENTITY, wrong.why) from wrong
    text = plain(context.templates.render(page.template, **page.values))
    rows = [dict(one) for one in page.table.rows] if page.table else None
    return Asked(command=name, text=text, rows=rows)


def asking_of(context: Context, who: Person, args: Mapping[str, int | str]) -> Asking:
    """A question as this person would ask it in the chat."""
    return Asking(
        who=who,
        chat_id=0,
        moment=context.moment(),
        tools=context.tools,
        store=context.store,
        book=context.book,
        access=context.access,
        args=args,
        wording=context.cards,
        commands=context.commands,
        interval=context.interval,
    )


def _questions(context: Context) -> list[QuestionRow]:
    of_runbooks = [
        QuestionRow(alert_source=book.name, name=one.name, about=one.label, usage=one.name)
        for book in context.book.runbooks.values()
        for one in (book.diagnose, *book.questions)
    ]
    return of_runbooks + [
        QuestionRow(alert_source=None, name=one.name, about=one.about, usage=one.usage)
        for one in context.commands.values()
        if one.read is not None and one.act is None and one.listed
    ]
