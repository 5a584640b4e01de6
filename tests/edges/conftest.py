"""Fixtures of the edges' tests."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from tests.edges.postman import Postman


@pytest.fixture
async def postman() -> AsyncIterator[Postman]:
    postman = Postman()
    server = await asyncio.start_server(postman.serve, "127.0.0.1", 0)
    postman.port = server.sockets[0].getsockname()[1]
    async with server:
        yield postman
