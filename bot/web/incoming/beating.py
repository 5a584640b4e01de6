"""Where jobs say that they ran: by GET too, so one `curl` at the end of a script is enough."""

from http import HTTPStatus

from pydantic import AwareDatetime, BaseModel, Field

from bot.core import beat_look
from bot.core.beats import Kind, Signal
from bot.core.grants import Grant
from bot.web.context import Context
from bot.web.endpoint import AnyEndpoint, Budget, Call, Endpoint, Nothing
from bot.web.problems import problem

ABOUT = {
    Signal.OK: "The job has done its work.",
    Signal.START: "The job begins; it must end within its grace.",
    Signal.FAIL: "The job could not do its work: an alert at once.",
}


class JobPath(BaseModel):
    job: str = Field(max_length=50, examples=["backup"], description="A job of `BEATS`.")


class Heard(BaseModel):
    job: str
    trouble: Kind | None
    due: AwareDatetime = Field(description="When it should be heard of next, at the latest.")


def endpoints(context: Context) -> list[AnyEndpoint]:
    return [_endpoint(context, method, signal) for signal in Signal for method in ("POST", "GET")]


def _endpoint(context: Context, method: str, signal: Signal) -> AnyEndpoint:
    async def hear(call: Call[JobPath, Nothing, Nothing]) -> Heard:
        job, now = call.path.job, context.clock()
        if job not in context.book.beats:
            raise problem(HTTPStatus.NOT_FOUND, "api_no_job", job=job)
        one = await context.store.write(
            lambda tx: beat_look.hear(tx, context.book, job, signal, now), durable=True
        )
        context.wake()
        return Heard(job=job, trouble=one.kind, due=one.due)

    tail = "" if signal is Signal.OK else f"/{signal}"
    return Endpoint(
        method=method,
        path=f"/beat/{{job}}{tail}",
        name=f"beat_{signal}_{method.lower()}",
        about=ABOUT[signal],
        work=hear,
        answer=Heard,
        needs=Grant.SENDER,
        params=JobPath,
        refusals={HTTPStatus.NOT_FOUND: "There is no such job in `BEATS`."},
        budget=Budget.INCOMING,
        group="Heartbeats",
    )
