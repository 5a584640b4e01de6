"""The assistant's own restart on a real systemd: asked for, not waited for, seen afterwards."""

import asyncio
from dataclasses import replace

import pytest

from bot.core.job import Stop
from bot.core.runbook import Refused
from bot.core.tools import Service
from bot.edges.services import open_services
from bot.edges.services.common import Patience, ServiceManager
from bot.edges.services.systemd import Systemd
from bot.remediations.remediate_restart_assistant import remediation
from tests.edges.services.container import Container
from tests.remediations.fakes import JOB, tools


@pytest.fixture
def ours(container: Container) -> ServiceManager:
    container.run("systemctl", "start", "sovani-ops")
    units = {Service.SELF: "sovani-ops"}
    quick = Patience(settle=0)
    return open_services("systemd", units, patience=quick, bus_address=container.bus_address)


async def run_id(ours: ServiceManager) -> str:
    state = await ours.state(Service.SELF)
    assert state is not None
    return state.run_id


async def test_a_process_that_is_not_the_unit_does_not_restart_it(
    ours: ServiceManager, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = await run_id(ours)
    monkeypatch.setenv("INVOCATION_ID", "0" * 32)
    answer = await remediation().preflight(tools(services=ours, control=ours), JOB)
    assert isinstance(answer, Refused)
    assert await run_id(ours) == before


async def test_the_next_start_is_another_run_and_proves_it(
    ours: ServiceManager, monkeypatch: pytest.MonkeyPatch
) -> None:
    action, world, before = remediation(), tools(services=ours, control=ours), await run_id(ours)
    monkeypatch.setenv("INVOCATION_ID", before)  # as systemd sets it for what it starts
    facts = await action.preflight(world, JOB)
    assert not isinstance(facts, Refused)
    stop = Stop()
    stop.ask()  # the signal that the restart brings
    await action.act(world, replace(JOB, stop=stop))
    async with asyncio.timeout(10):
        while (await run_id(ours)) in {before, ""}:
            pass
    assert action.verify is not None
    seen = await action.verify(world, replace(JOB, before=facts), {})
    assert seen["run_id"] not in {before, ""}


async def test_where_systemd_brings_us_back_we_only_end(container: Container) -> None:
    """No right to restart our own unit is needed then."""
    ended = []
    ours = Systemd({Service.SELF: "comes-back"}, Patience(settle=0), container.bus_address)
    ours.end = lambda: ended.append("SIGTERM")
    await ours.hand_over(Service.SELF)
    await ours.aclose()
    assert ended == ["SIGTERM"]
