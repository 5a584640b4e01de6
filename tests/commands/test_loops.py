"""The loops that go on all the time."""

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest

from bot.commands import loops, rules
from bot.core.model import Person, Role
from bot.core.policy import Policy
from bot.core.records import RunState
from bot.core.runbook import Guard
from bot.core.wish import Wish
from bot.edges.store import SqlStore
from bot.edges.tasks import Tasks
from tests import fakes
from tests.conftest import Clock
from tests.core.actions import NAME, Room


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


@pytest.mark.parametrize("decider", [7, 8])
async def test_a_start_refuses_the_decisions_of_those_who_lost_the_role(
    store: SqlStore, policy: Policy, clock: Clock, decider: int
) -> None:
    room = Room(store=store, clock=clock, policy=policy)
    room.live(guard=Guard.NONE, role=Role.ADMIN)
    settings = SimpleNamespace(
        alert_chats=policy.alert_chats,
        admin_chat=policy.admin_chat,
        finance_chat_id=None,
        admins={8},
        manager_user_ids={7},
        viewer_user_ids=(),
        api_tokens=(),
        admin_token=None,
    )
    parts: Any = SimpleNamespace(
        store=store,
        book=room.book,
        settings=settings,
        access=rules.access(settings),  # type: ignore[arg-type]  # what it reads of them
    )
    wish = Wish(action=NAME, key="w", args={"wall": "north"}, chat_id=policy.admin_chat.chat)
    await room.desk.propose(Person(id=decider, name="Ann"), wish, role=Role.ADMIN)
    tasks = Tasks()
    await loops.take_over(parts, room.runner, tasks)
    await tasks.close()
    state = RunState.REFUSED if decider == 7 else RunState.REQUESTED
    assert (await room.run()).state is state
