"""Fixtures of the edges' tests."""

from collections.abc import AsyncIterator

import pytest

from tests.edges.postman import Postman, posted


@pytest.fixture
async def postman() -> AsyncIterator[Postman]:
    async with posted() as postman:
        yield postman
