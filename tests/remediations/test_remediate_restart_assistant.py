"""Restart assistant: handed over, and believed only by the next start."""

from dataclasses import replace

import pytest

from bot.core.job import Stop
from bot.core.model import Role
from bot.core.runbook import ActionFailed, Refused
from bot.core.tools import Service
from bot.remediations import remediate_restart_assistant
from bot.remediations._restart import facts
from bot.remediations.remediate_restart_assistant import remediation
from tests.edges.shop.helpers import words
from tests.remediations.fakes import JOB, FakeControl, FakeServices, tools, unit

US = unit("sovani-ops", run_id="ours")


def control(own: str | None) -> FakeControl:
    made = FakeControl(US)
    made.own_run_id = own
    return made


async def test_it_asks_once_and_waits_for_its_end() -> None:
    stop, ours = Stop(), control("ours")
    stop.ask()
    assert await remediation().act(tools(control=ours), replace(JOB, stop=stop)) == {}
    assert ours.calls == [("hand over", Service.SELF)]


async def test_it_does_not_wait_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remediate_restart_assistant, "PATIENCE", 0.01)
    assert await remediation().act(tools(control=control("ours")), JOB) == {}


@pytest.mark.parametrize("own", [None, "another"])
async def test_a_unit_that_is_not_us_is_left_alone(own: str | None) -> None:
    world = tools(services=FakeServices(US), control=control(own))
    answer = await remediation().preflight(world, JOB)
    assert isinstance(answer, Refused)
    assert "SERVICE_SELF" in words(answer.why)


async def test_the_question_has_what_the_next_start_compares() -> None:
    world = tools(services=FakeServices(US), control=control("ours"))
    assert await remediation().preflight(world, JOB) == facts(US)


async def test_only_another_start_is_a_success() -> None:
    action, asked = remediation(), replace(JOB, before=facts(US))
    assert action.verify is not None
    with pytest.raises(ActionFailed, match="still_here"):
        await action.verify(tools(services=FakeServices(US)), asked, {})
    again = unit("sovani-ops", run_id="next")
    seen = await action.verify(tools(services=FakeServices(again)), asked, {})
    assert seen["run_id"] == "next"


def test_only_an_admin_may() -> None:
    assert remediation().role is Role.ADMIN
    assert remediation().hands_over
