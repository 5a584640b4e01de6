"""Reading the bodies of control calls, and answering mistakes in words."""

import json
from collections.abc import Awaitable, Callable
from dataclasses import fields
from typing import Any, TypeVar

from aiohttp import web

from demo.telegram.faults import FaultError
from demo.telegram.people import ActError
from demo.telegram.refusals import Refusal
from demo.telegram.world import Json

Made = TypeVar("Made")
Handler = Callable[[web.Request], Awaitable[object]]


class BodyError(ValueError):
    """The body or the query of a control call is wrong; the text says how."""


def polite(handler: Handler) -> Callable[[web.Request], Awaitable[web.Response]]:
    """Answer what a handler returns as JSON, and mistakes of the caller as 400."""

    async def answer(request: web.Request) -> web.Response:
        try:
            result = await handler(request)
        except (BodyError, ActError, FaultError, Refusal) as error:
            return web.json_response({"error": str(error)}, status=400)
        return result if isinstance(result, web.Response) else web.json_response(result)

    return answer


async def read_json(request: web.Request) -> Any:  # noqa: ANN401  # JSON of any shape
    try:
        return json.loads(await request.text() or "{}")
    except ValueError:
        raise BodyError("the body is not JSON") from None


async def read_object(request: web.Request) -> Json:
    raw = await read_json(request)
    if not isinstance(raw, dict):
        raise BodyError("the body must be an object")
    return raw


def build(kind: type[Made], raw: object) -> Made:
    """Make a dataclass of plain fields from JSON, checking names and types."""
    if not isinstance(raw, dict):
        raise BodyError("an act must be an object")
    types = {field.name: field.type for field in fields(kind)}  # type: ignore[arg-type]  # dataclasses only
    for name, value in raw.items():
        if name not in types:
            raise BodyError(f"{name} is not known; known are {', '.join(types)}")
        wanted = types[name] if isinstance(types[name], type) else str
        if type(value) is not wanted:
            raise BodyError(f"{name} must be {getattr(wanted, '__name__', 'text')}")
    try:
        return kind(**raw)
    except TypeError as error:
        raise BodyError(str(error)) from error


def whole(raw: Json, name: str) -> int:
    value = raw.get(name)
    if type(value) is not int:
        raise BodyError(f"{name} must be a whole number")
    return value


def flag(raw: Json, name: str) -> bool:
    value = raw.get(name)
    if type(value) is not bool:
        raise BodyError(f"{name} must be true or false")
    return value


def words(raw: Json, name: str) -> str:
    value = raw.get(name)
    if type(value) is not str:
        raise BodyError(f"{name} must be text")
    return value
