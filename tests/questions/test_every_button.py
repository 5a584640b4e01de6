"""Every button that asks, of every answer, leads to an answer or to a sentence that says why."""

from collections import deque

import pytest

import checks
from bot.core.model import Person, Role, Unreadable
from bot.core.ports import Tx
from bot.core.question import WrongArguments
from bot.core.verbs import Verb
from tests.conftest import NOON
from tests.paper import fits
from tests.questions import incident
from tests.questions.conftest import ANN, Room

VERA = Person(id=1003, name="Vera", role=Role.VIEWER)


async def crawl(room: Room, who: Person) -> int:
    """Type every command without arguments, and press on from there."""
    asked = deque(name for name, one in room.commands.items() if one.read is not None)
    seen: set[str] = set()
    answered = 0
    while asked:
        text = asked.popleft()
        command = room.commands.get(text.split()[0])
        if text in seen or command is None or not command.permits(who.role):
            continue
        seen.add(text)
        try:
            page = await room.ask(text, who)
        except (Unreadable, WrongArguments):
            continue
        html = room.templates.render(page.template, **page.values)
        if command.name != "explain":  # this shop has no plans to show
            fits(html, page.keys)
        answered += 1
        asked += [key.arg for row in page.keys for key in row if key.verb is Verb.ASK]
    return answered


async def test_in_calm_times(room: Room) -> None:
    assert await crawl(room, ANN) > 100


@pytest.mark.parametrize("over", [False, True], ids=["now", "over"])
async def test_in_and_after_an_incident_of_every_check(room: Room, over: bool) -> None:  # noqa: FBT001  # a case
    def work(tx: Tx) -> None:
        for runbook in checks.load({}).values():
            alert = incident.busy_hour(tx, runbook)
            if over:
                room.book.resolve(tx, alert, NOON, proof={})

    await room.store.write(work)
    assert await crawl(room, VERA if over else ANN) > 100
