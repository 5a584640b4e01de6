"""What went wrong, as RFC 9457 says it: one shape for every error, with nothing of our insides."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field

from bot.core.model import Json, Phrase, phrase
from bot.edges.templates import Templates

MEDIA = "application/problem+json"


class WrongField(BaseModel):
    """One value that does not fit."""

    where: str = Field(description="Such as `query.limit` or `body.0.labels`.")
    what: str


class Problem(BaseModel):
    """An error. `type` is a link into `/docs` where the kind has a name of its own."""

    model_config = ConfigDict(title="Problem")

    type: str = "about:blank"
    title: str
    status: int
    detail: str
    instance: str = Field(description="The path that was asked for, without its query.")
    errors: list[WrongField] | None = None


@dataclass(eq=False)
class ProblemError(Exception):
    """Raised anywhere while a request is served; `why` is the detail for people."""

    status: HTTPStatus
    why: Phrase
    headers: Mapping[str, str] = field(default_factory=dict)
    errors: list[WrongField] | None = None


def problem(
    status: HTTPStatus, key: str, /, headers: Mapping[str, str] | None = None, **values: Json
) -> ProblemError:
    return ProblemError(status, phrase(key, **values), headers or {})


def retry(status: HTTPStatus, key: str, seconds: float, /) -> ProblemError:
    """Refuse for now: come again after so many seconds."""
    whole = max(1, -int(-seconds // 1))
    return problem(status, key, {"Retry-After": str(whole)}, seconds=whole)


def response(error: ProblemError, templates: Templates, path: str) -> web.Response:
    body = Problem(
        title=error.status.phrase,
        status=error.status,
        detail=templates.say_plain(error.why),
        instance=path,
        errors=error.errors,
    )
    return web.Response(
        body=body.model_dump_json(exclude_none=True).encode(),
        status=error.status,
        headers=dict(error.headers),
        content_type=MEDIA,
    )
