"""Notify admin: the alert and the run's key reach the notifier, and nothing else happens."""

from dataclasses import replace

import pytest

from bot.core.runbook import ActionFailed, Guard
from bot.remediations.remediate_notify_admin import remediation
from tests.edges.shop.helpers import words
from tests.remediations.fakes import JOB, KEY, FakeNotifier, alert, tools


async def test_the_notice_is_bound_to_the_run() -> None:
    notifier = FakeNotifier({"chats": 3})
    facts = await remediation().act(tools(notifier=notifier), replace(JOB, alert=alert(7)))
    assert facts == {"chats": 3}
    assert notifier.calls == [(7, KEY)]


async def test_the_question_tells_nobody() -> None:
    notifier = FakeNotifier()
    assert await remediation().preflight(tools(notifier=notifier), JOB) == {}
    assert notifier.calls == []


async def test_without_an_alert_there_is_nothing_to_tell() -> None:
    notifier = FakeNotifier()
    with pytest.raises(ActionFailed) as caught:
        await remediation().act(tools(notifier=notifier), JOB)
    assert "no alert" in words(caught.value)
    assert notifier.calls == []


def test_its_delivery_is_its_proof() -> None:
    assert not remediation().verified_by_check
    assert remediation().guard is Guard.NONE
