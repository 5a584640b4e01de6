"""A server that says exactly what a test wants it to, down to the bytes."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import TypeAlias

Talk: TypeAlias = Callable[[asyncio.StreamWriter], Awaitable[None]]


@dataclass
class RawServer:
    url: str
    requests: list[str] = field(default_factory=list)


def http(
    body: bytes | str = b"",
    *,
    status: int = 200,
    media: str = "text/plain; version=0.0.4",
    length: int | None = None,
    more: str = "",
) -> bytes:
    content = body.encode() if isinstance(body, str) else body
    size = len(content) if length is None else length
    head = f"HTTP/1.1 {status} X\r\nContent-Type: {media}\r\nContent-Length: {size}\r\n{more}\r\n"
    return head.encode() + content


def as_json(value: object, status: int = 200) -> bytes:
    return http(json.dumps(value), status=status, media="application/json")


def says(answer: bytes) -> Talk:
    async def talk(writer: asyncio.StreamWriter) -> None:
        writer.write(answer)
        await writer.drain()

    return talk


@contextlib.asynccontextmanager
async def raw_server(*talks: Talk | bytes) -> AsyncIterator[RawServer]:
    """Serve each connection with the next talk, the last one for ever."""
    left = list(talks)
    info = RawServer("")
    open_talks: set[asyncio.Task[None]] = set()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        talk = left.pop(0) if len(left) > 1 else left[0]
        info.requests.append((await reader.read(65_536)).decode(errors="replace"))
        await (says(talk) if isinstance(talk, bytes) else talk)(writer)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        open_talks.add(task)
        with contextlib.suppress(OSError, asyncio.CancelledError):
            await answer(reader, writer)
        writer.close()
        with contextlib.suppress(OSError, asyncio.CancelledError):
            await writer.wait_closed()
        open_talks.discard(task)

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    info.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield info
    finally:
        server.close()
        for task in list(open_talks):
            task.cancel()
        await asyncio.gather(*open_talks, return_exceptions=True)
