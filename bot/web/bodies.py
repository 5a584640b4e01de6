"""The body of a request: in time and not too large, or refused with the connection."""

import asyncio
from collections.abc import Callable
from http import HTTPStatus

from aiohttp import web

from bot.web.problems import ProblemError, problem

BODY_SECONDS = 10.0
CLOSE = {"Connection": "close"}


async def read(
    request: web.Request, most: int, hold: Callable[[int], object] = lambda _size: None
) -> bytes:
    """At `most` so many bytes; `hold` is told of each piece before it is kept, and may refuse."""
    if (request.content_length or 0) > most:
        raise _too_large(most)
    body = bytearray()
    try:
        async with asyncio.timeout(BODY_SECONDS):
            async for piece in request.content.iter_any():
                hold(len(piece))
                body += piece
                if len(body) > most:
                    raise _too_large(most)
    except TimeoutError as late:
        raise problem(HTTPStatus.REQUEST_TIMEOUT, "api_body_slow", CLOSE) from late
    return bytes(body)


def _too_large(most: int) -> ProblemError:
    return problem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "api_too_large", CLOSE, limit_bytes=most)
