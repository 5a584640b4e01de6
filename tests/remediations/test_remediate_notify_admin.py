"""Notify admin: the alert and the run's key reach the notifier, and nothing else happens."""

import pytest

from bot.core.runbook import ActionFailed
from bot.remediations.remediate_notify_admin import remediation
from tests.edges.shop.helpers import words
from tests.remediations.fakes import KEY, MOMENT, FakeNotifier, alert, tools


async def test_the_notice_is_bound_to_the_run() -> None:
    notifier = FakeNotifier({"chats": 3})
    facts = await remediation().act(tools(notifier=notifier), MOMENT, alert(7), KEY)
    assert facts == {"chats": 3}
    assert notifier.calls == [(7, KEY)]


async def test_the_question_tells_nobody() -> None:
    notifier = FakeNotifier()
    assert await remediation().preflight(tools(notifier=notifier), MOMENT) == {}
    assert notifier.calls == []


async def test_without_an_alert_there_is_nothing_to_tell() -> None:
    notifier = FakeNotifier()
    with pytest.raises(ActionFailed) as caught:
        await remediation().act(tools(notifier=notifier), MOMENT, None, KEY)
    assert "no alert" in words(caught.value)
    assert notifier.calls == []


def test_its_delivery_is_its_proof() -> None:
    assert not remediation().verified_by_check
    assert not remediation().confirm
