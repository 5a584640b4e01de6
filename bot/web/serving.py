"""One request from its first byte to its answer, whatever goes wrong on the way."""

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus

from aiohttp import web
from aiohttp.typedefs import Middleware
from pydantic import BaseModel, ValidationError

from bot.core.model import Person, Unreadable, phrase
from bot.web import bodies
from bot.web.context import Context
from bot.web.endpoint import AnyEndpoint, Call, Nothing, Reply
from bot.web.gate import Gate, did, person
from bot.web.limits import Guest, Room
from bot.web.problems import ProblemError, WrongField, problem, response

log = logging.getLogger(__name__)

MOST_AT_ONCE = 512
KEY = re.compile(r"[\x21-\x7e]{1,100}")
NOBODY = Person(id=0, name="api:anybody")
HEADERS = {
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Server": "sovani-ops",
}
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(kw_only=True)
class Serving:
    context: Context
    endpoints: Sequence[AnyEndpoint]
    gate: Gate = field(init=False)
    room: Room = field(default_factory=lambda: Room(most=MOST_AT_ONCE))

    def __post_init__(self) -> None:
        self.gate = Gate(context=self.context)

    def routes(self) -> list[web.RouteDef]:
        """A look from outside may be a HEAD (`wget --spider`); `GET /beat/…` may not: it acts."""
        return [
            web.route(
                one.method,
                one.path,
                self._handler(one),
                **({"allow_head": one.head} if one.method == "GET" else {}),
            )
            for one in self.endpoints
        ]

    def _handler(self, endpoint: AnyEndpoint) -> Handler:
        async def handle(request: web.Request) -> web.StreamResponse:
            return await self._serve(endpoint, request)

        return handle

    @property
    def guard(self) -> Middleware:
        """The middleware: every error is a problem document, and none tells of our insides."""

        @web.middleware
        async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
            try:
                answer = await self._guarded(request, handler)
            except ProblemError as error:
                answer = response(error, self.context.templates, request.path)
            answer.headers.update(HEADERS)
            return answer

        return middleware

    async def _guarded(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        try:
            return await handler(request)
        except web.HTTPException as error:
            self.gate.slow_down(request)
            raise _of_http(error) from error
        except Unreadable as blind:
            raise ProblemError(HTTPStatus.SERVICE_UNAVAILABLE, blind.why) from blind
        except ProblemError:
            raise
        except Exception as error:
            log.exception("request failed", extra={"request": did(request)})
            raise problem(HTTPStatus.INTERNAL_SERVER_ERROR, "api_failed") from error

    async def _serve(self, endpoint: AnyEndpoint, request: web.Request) -> web.Response:
        token = await self.gate.admit(endpoint, request)
        with self.room.one() as guest:
            call = Call(
                path=_read(endpoint.params, "path", dict(request.match_info)),
                query=_read(endpoint.query, "query", _query(request)),
                raw=(raw := await _body(endpoint, request, guest)),
                body=_json(endpoint, raw),
                who=person(token) if token else NOBODY,
                token=token,
                did=did(request),
                key=_key(request),
            )
            try:
                async with asyncio.timeout(endpoint.seconds):
                    answer = await endpoint.work(call)
            except TimeoutError as late:
                raise problem(
                    HTTPStatus.GATEWAY_TIMEOUT, "api_too_slow", seconds=endpoint.seconds
                ) from late
        return self._answer(endpoint, answer)

    def _answer(self, endpoint: AnyEndpoint, answer: BaseModel | Reply) -> web.Response:
        reply = answer if isinstance(answer, Reply) else Reply(answer, endpoint.status)
        body = reply.body
        if not isinstance(body, bytes):
            # What a check has kept may hold the words of another program, and those a token.
            body = self.context.redact(body.model_dump_json(by_alias=True)).encode()
        return web.Response(
            body=body,
            status=reply.status,
            headers={"Content-Type": reply.media, **reply.headers},
        )


def _query(request: web.Request) -> dict[str, str]:
    """Each name once: a parameter that is said twice is a mistake, not a choice."""
    twice = sorted({name for name in request.query if len(request.query.getall(name)) > 1})
    if twice:
        raise _wrong([WrongField(where=f"query.{twice[0]}", what="is given twice")])
    return dict(request.query)


async def _body(endpoint: AnyEndpoint, request: web.Request, guest: Guest) -> bytes:
    """The body, if it comes in time and is not too large; an endpoint without one ignores it."""
    if "Content-Encoding" in request.headers:
        raise problem(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "api_encoded")
    return await bodies.read(request, endpoint.most_bytes, guest.hold)


def _json(endpoint: AnyEndpoint, raw: bytes) -> BaseModel:
    if endpoint.raw or not endpoint.has_body:
        return Nothing()
    try:
        return endpoint.body.model_validate_json(raw or b"{}")
    except ValidationError as error:
        raise _invalid(error, "body") from error


def _read(model: type[BaseModel], where: str, values: dict[str, str]) -> BaseModel:
    try:
        return model.model_validate(values)
    except ValidationError as error:
        raise _invalid(error, where) from error


def _invalid(error: ValidationError, where: str) -> ProblemError:
    found = error.errors(include_url=False, include_context=False, include_input=False)
    if any(one["type"] == "json_invalid" for one in found):
        return problem(HTTPStatus.BAD_REQUEST, "api_no_json")
    return _wrong(
        [
            WrongField(where=".".join([where, *map(str, one["loc"])]), what=one["msg"])
            for one in found[:20]
        ]
    )


def _wrong(errors: list[WrongField]) -> ProblemError:
    values = phrase("api_wrong_values")
    return ProblemError(HTTPStatus.UNPROCESSABLE_ENTITY, values, errors=errors)


def _key(request: web.Request) -> str | None:
    given = request.headers.get("Idempotency-Key")
    if given is not None and not KEY.fullmatch(given):
        raise _wrong([WrongField(where="header.Idempotency-Key", what="1 to 100 visible signs")])
    return given


def _of_http(error: web.HTTPException) -> ProblemError:
    status = HTTPStatus(error.status)
    if isinstance(error, web.HTTPMethodNotAllowed):
        allowed = ", ".join(sorted(error.allowed_methods))
        return problem(status, "api_wrong_method", {"Allow": allowed}, allowed=allowed)
    key = "api_no_path" if status is HTTPStatus.NOT_FOUND else "api_refused"
    return problem(status, key)
