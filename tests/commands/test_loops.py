"""The loops that go on all the time."""

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest

from bot.commands import loops
from tests import fakes


async def test_a_round_that_cannot_be_saved_is_not_repeated_every_second(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pauses: list[float] = []

    async def sleep(seconds: float) -> None:
        pauses.append(seconds)
        if len(pauses) == 2:
            raise asyncio.CancelledError

    async def broken(_runbook: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr("bot.commands.loops.asyncio.sleep", sleep)
    parts: Any = SimpleNamespace(
        watch=SimpleNamespace(round=broken), settings=SimpleNamespace(check_interval_sec=300)
    )
    with pytest.raises(asyncio.CancelledError):
        await loops.rounds(parts, fakes.runbook())()
    assert min(pauses) > 200
