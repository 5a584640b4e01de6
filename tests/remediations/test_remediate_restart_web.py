"""Restart web API: believed only when the same start still runs and answers."""

from dataclasses import replace

import pytest

from bot.core.model import Unreadable, phrase
from bot.core.runbook import ActionFailed, Refused
from bot.core.tools import Service
from bot.remediations._restart import Restart, facts
from bot.remediations.remediate_restart_web import remediation
from tests.remediations.fakes import JOB, FakeControl, FakeHealth, FakeServices, tools, unit

WEB = unit("sovani-web-api")
QUICK = Restart(service=Service.WEB, answers=True, looks=3, pause=0)
DOWN = Unreadable(phrase("service_manager_unreachable", manager="systemd"))


async def test_only_the_web_api_is_restarted_and_once() -> None:
    control, services = FakeControl(unit("sovani-web-api", run_id="2")), FakeServices(WEB)
    assert await remediation().preflight(tools(services=services), JOB) == facts(WEB)
    after = await remediation().act(tools(control=control), JOB)
    assert after["run_id"] == "2"
    assert control.calls == [(Service.WEB,)]


@pytest.mark.parametrize("trouble", [None, DOWN])
async def test_without_a_service_manager_that_answers_it_is_refused(
    trouble: Unreadable | None,
) -> None:
    answer = await remediation().preflight(tools(services=FakeServices(trouble)), JOB)
    assert isinstance(answer, Refused)


async def test_it_is_waited_for_until_it_answers() -> None:
    health = FakeHealth(silent=2)
    world = tools(services=FakeServices(WEB), web=health)
    seen = await QUICK.verify(world, JOB, facts(WEB))
    assert (seen["alive"], health.calls) == ("healthy", 3)


async def test_one_that_never_answers_did_not_help() -> None:
    world = tools(services=FakeServices(WEB), web=FakeHealth(silent=9))
    with pytest.raises(ActionFailed, match="http_refused"):
        await QUICK.verify(world, JOB, facts(WEB))


@pytest.mark.parametrize(
    "later",
    [
        unit("sovani-web-api", run_id="3"),
        unit("sovani-web-api", restarts=1),
        replace(WEB, running=False, detail="failed"),
    ],
)
async def test_one_that_died_meanwhile_did_not_help(later: object) -> None:
    health = FakeHealth()
    with pytest.raises(ActionFailed, match="did_not_stay"):
        await QUICK.verify(tools(services=FakeServices(later), web=health), JOB, facts(WEB))
    assert health.calls == 0
