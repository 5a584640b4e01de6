"""A log that is followed: one message, edited until its time is over or somebody taps."""

from typing import cast

import pytest
from aiogram.methods import EditMessageText, SendMessage

from bot.core.tools import Tools
from tests.handlers.telegram import ANN, Phone, buttons
from tests.machine import FakeMachine, line


@pytest.fixture
def machine(tools: Tools, monkeypatch: pytest.MonkeyPatch) -> FakeMachine:
    monkeypatch.setattr("handlers.following.FOLLOW_EVERY", 0.005)
    machine = cast("FakeMachine", tools.logs)
    machine.log = [line("one")]
    return machine


async def test_new_lines_come_by_edits_and_then_it_is_a_log_like_any_other(
    phone: Phone, machine: FakeMachine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.questions.logs.FOLLOWED_SECONDS", 0.1)
    await phone.begin(message=phone.message(ANN, "/logs bot live"))
    sent = await phone.until(SendMessage)
    assert list(buttons(sent)) == ["Stop"]
    machine.log = [line("one"), line("two <b>")]
    edited = await phone.until(EditMessageText)
    assert isinstance(edited, EditMessageText)
    assert "two &lt;b&gt;" in str(edited.text)
    assert list(buttons(edited)) == ["Stop"]
    await phone.tasks.done()
    edits = [call for call in phone.session.calls if isinstance(call, EditMessageText)]
    assert "Refresh" in buttons(edits[-1])
    assert "Stop" not in buttons(edits[-1])
    assert len(edits) == 2  # what has not changed is not sent again
    assert len([call for call in phone.session.calls if isinstance(call, SendMessage)]) == 1


async def test_stop_ends_it_at_once(phone: Phone, machine: FakeMachine) -> None:
    await phone.begin(message=phone.message(ANN, "/logs bot live"))
    sent = await phone.until(SendMessage)
    (stop,) = buttons(sent).values()
    calls = await phone.tap(ANN, ANN, phone.session.last_id, stop)
    machine.log = [line("later")]
    (edit,) = [call for call in calls if isinstance(call, EditMessageText)]
    assert "Refresh" in buttons(edit)
    assert "later" not in str(phone.session.calls)


async def test_a_log_that_breaks_off_leaves_what_was_read(
    phone: Phone, machine: FakeMachine
) -> None:
    await phone.begin(message=phone.message(ANN, "/logs bot live"))
    await phone.until(SendMessage)
    machine.log = cast("list[object]", None)  # type: ignore[assignment]  # breaks whoever reads it
    edited = await phone.until(EditMessageText)
    assert isinstance(edited, EditMessageText)
    assert "one" in str(edited.text)
    assert "Refresh" in buttons(edited)
    await phone.tasks.done()
