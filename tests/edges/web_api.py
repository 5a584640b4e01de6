"""The web API's edge in front of a server that says what a test wants."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from bot.edges.http import Limits
from bot.edges.webapi import ShopWebApi
from tests.edges.raw_server import RawServer, Talk, raw_server

TOKEN = "s3cret-admin-token"
ROOMY = Limits(seconds=20, size=100_000)
QUICK = Limits(seconds=0.3, size=100_000)


@asynccontextmanager
async def api_before(
    *talks: Talk | bytes, limits: Limits = ROOMY, token: str | None = TOKEN
) -> AsyncIterator[tuple[ShopWebApi, RawServer]]:
    async with raw_server(*talks) as server:
        api = ShopWebApi(server.url, token, reading=limits, clearing=limits)
        try:
            yield api, server
        finally:
            await api.aclose()


async def hangs(writer: asyncio.StreamWriter) -> None:
    await writer.drain()
    await asyncio.Event().wait()


def free_address() -> str:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"127.0.0.1:{probe.getsockname()[1]}"
