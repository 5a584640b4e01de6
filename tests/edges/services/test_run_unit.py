"""Jobs that are units (`JOB_…=unit:`), in a real systemd and under a real polkit."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from time import monotonic

import pytest

from bot.core.model import Unreadable, phrase
from bot.core.runbook import ActionFailed
from bot.core.tools import Service
from bot.edges.jobs import ShopJobs
from bot.edges.services import open_services
from bot.edges.services.common import Patience, ServiceManager
from bot.edges.services.systemd import Systemd
from tests.edges.services.container import Container
from tests.edges.services.test_systemd import REPOSITORY, needs_polkit

RUN_AS = Path(__file__).with_name("run_unit_as.py")
EXAMPLE = REPOSITORY / "deploy/polkit/40-sovani-jobs.rules.example"
GATE, RUNS = "/run/collect-may-end", "/run/collect-runs"
# It works until the gate is there, and ends as the gate says.
WAITS = f"echo run >> {RUNS}; until [ -s {GATE} ]; do sleep 0.02; done; exit $(cat {GATE})"
UNITS = {
    "sovani-collect": f'Type=oneshot\nExecStart=/bin/sh -c "{WAITS}"',
    "other-job": "Type=oneshot\nExecStart=/bin/true",
    "sovani-collect@": "Type=oneshot\nExecStart=/bin/true",
    "sovani-collect2": "Type=oneshot\nExecStart=/bin/true",
    "killed-job": 'Type=oneshot\nExecStart=/bin/sh -c "kill -KILL $$$$"',
    "stubborn": 'Type=oneshot\nExecStart=/bin/sh -c "trap : TERM; while :; do sleep 9; done"',
    "slow-job": "Type=oneshot\nTimeoutStartSec=200ms\nExecStart=/bin/sleep 100",
    "no-job": "ExecStart=/bin/sleep 100",
    "stays": "Type=oneshot\nRemainAfterExit=yes\nExecStart=/bin/true",
    "sovani-recalc@": "Type=oneshot\nExecStart=/bin/test %i = 7",
}


@pytest.fixture(scope="module")
def units(container: Container) -> Container:
    for name, lines in UNITS.items():
        container.write(f"/etc/systemd/system/{name}.service", f"[Service]\n{lines}\n")
    container.run("systemctl", "daemon-reload")
    return container


@pytest.fixture
def gate(units: Container) -> Iterator[Container]:
    """The job is not running, and may not end yet."""
    units.run("rm", "-f", GATE, RUNS)
    yield units
    units.run("systemctl", "stop", "sovani-collect", "no-job")
    units.run("rm", "-f", GATE, RUNS)


@pytest.fixture
async def services(units: Container) -> AsyncIterator[ServiceManager]:
    manager = open_services(
        "systemd", {Service.SCHEDULER: "sovani-scheduler"}, bus_address=units.bus_address
    )
    yield manager
    await manager.aclose()


def state_of(container: Container, unit: str) -> str:
    return container.run("systemctl", "is-active", unit).stdout.strip()


async def until(container: Container, unit: str, state: str) -> None:
    async with asyncio.timeout(10):
        while await asyncio.to_thread(state_of, container, unit) != state:
            pass


async def why(services: ServiceManager, unit: str) -> dict[str, object]:
    async with asyncio.timeout(20):
        with pytest.raises(ActionFailed) as failed:
            await services.run_unit(unit)
    return {"key": failed.value.why.key, **failed.value.why.values}


async def test_it_is_over_when_its_work_is_done_and_not_before(
    gate: Container, services: ServiceManager
) -> None:
    async with asyncio.timeout(10), asyncio.TaskGroup() as group:
        work = group.create_task(services.run_unit("sovani-collect.service"))
        await until(gate, "sovani-collect", "activating")
        assert not work.done()
        gate.write(GATE, "0")
    assert state_of(gate, "sovani-collect") == "inactive"


async def test_how_it_ended_is_told(gate: Container, services: ServiceManager) -> None:
    gate.write(GATE, "3")
    assert await why(services, "sovani-collect.service") == {
        "key": "job_unit_failed",
        "unit": "sovani-collect.service",
        "result": "exit-code",
        "code": 3,
        "signal": None,
    }
    killed = await why(services, "killed-job.service")
    assert (killed["result"], killed["signal"]) == ("signal", "SIGKILL")
    assert (await why(services, "slow-job.service"))["result"] == "timeout"


async def test_the_days_are_a_part_of_its_name(units: Container) -> None:
    services = open_services("systemd", {}, bus_address=units.bus_address)
    jobs = shop(services, "unit:sovani-recalc@{days}")
    assert await jobs.run("collect", {"days": "7"}, "k") == {"result": {"unit": "sovani-recalc@7"}}
    with pytest.raises(ActionFailed, match="job_unit_failed"):
        await jobs.run("collect", {"days": "8"}, "k")
    await jobs.aclose()
    await services.aclose()


def shop(services: ServiceManager, recipe: str, seconds: float = 10.0) -> ShopJobs:
    return ShopJobs(
        address="http://127.0.0.1:1",
        token=None,
        recipes={"collect": recipe},
        start_unit=services.run_unit,
        seconds=seconds,
    )


async def test_what_takes_too_long_goes_on_and_that_is_said(
    gate: Container, services: ServiceManager
) -> None:
    jobs = shop(services, "unit:sovani-collect", seconds=0.5)
    async with asyncio.timeout(10):  # without the limit it would be for ever
        with pytest.raises(ActionFailed) as failed:
            await jobs.run("collect", {}, "k")
    assert failed.value.why.key == "job_unit_timeout"
    assert failed.value.why.values == {
        "unit": "sovani-collect",
        "seconds": 0.5,
        "maybe_done": True,
    }
    assert state_of(gate, "sovani-collect") == "activating"  # nobody has ended it
    await jobs.aclose()


async def test_what_runs_already_is_waited_for_and_not_started_twice(
    gate: Container, services: ServiceManager
) -> None:
    async with asyncio.timeout(10), asyncio.TaskGroup() as group:
        first = group.create_task(services.run_unit("sovani-collect"))
        await until(gate, "sovani-collect", "activating")
        second = group.create_task(services.run_unit("sovani-collect"))
        for _ in range(3):  # each is a question to the same systemd: the second is on its way
            await services.state(Service.SCHEDULER)
        assert not first.done()
        assert not second.done()
        gate.write(GATE, "0")
    assert gate.run("cat", RUNS).stdout == "run\n"


async def test_a_unit_that_never_tells_its_end_is_no_job(
    gate: Container, services: ServiceManager
) -> None:
    assert (await why(services, "no-job"))["key"] == "job_unit_not_oneshot"
    assert state_of(gate, "no-job") == "inactive"  # and was not started
    gate.run("systemctl", "start", "stays")
    assert (await why(services, "stays"))["key"] == "job_unit_stays"


async def test_a_unit_that_is_not_there_is_named(
    services: ServiceManager,
) -> None:
    found = await why(services, "nobody")
    assert (found["key"], found["unit"]) == ("service_not_found", "nobody.service")


async def test_a_unit_at_work_is_stopped_and_its_run_told(
    gate: Container, services: ServiceManager
) -> None:
    work = asyncio.gather(services.run_unit("sovani-collect"), return_exceptions=True)
    await until(gate, "sovani-collect", "activating")
    seen = await services.unit_state("sovani-collect")
    assert (seen.at_work, seen.detail) == (True, "activating (start)")
    assert seen.since is not None
    await services.stop_unit("sovani-collect")
    async with asyncio.timeout(10):
        (ended,) = await work
    assert isinstance(ended, ActionFailed)
    assert ended.why == phrase("job_unit_stopped", unit="sovani-collect.service")
    after = await services.unit_state("sovani-collect")
    assert (after.at_work, after.since) == (False, None)


async def test_a_unit_that_does_not_stop_in_time_is_said_to_go_on(units: Container) -> None:
    impatient = Systemd({}, Patience(finish=0.3), units.bus_address)
    units.run("systemctl", "start", "--no-block", "stubborn")
    await until(units, "stubborn", "activating")
    with pytest.raises(ActionFailed) as late:
        await impatient.stop_unit("stubborn")
    units.run("systemctl", "kill", "--signal=KILL", "stubborn")
    await impatient.aclose()
    assert late.value.why == phrase("unit_stop_timeout", unit="stubborn.service", seconds=0.3)


async def test_a_unit_that_rests_is_not_at_work_and_stopping_it_is_nothing(
    gate: Container, services: ServiceManager
) -> None:
    await services.stop_unit("other-job")
    assert not (await services.unit_state("other-job")).at_work
    with pytest.raises(Unreadable):
        await services.unit_state("no-such-unit")
    assert state_of(gate, "sovani-collect") != "activating"


@pytest.fixture
def ruled(gate: Container) -> Iterator[Container]:
    """The example, installed; polkit reads its rules anew when a file has changed."""
    place = "/etc/polkit-1/rules.d/40-sovani-jobs.rules"
    gate.write(place, EXAMPLE.read_text(encoding="utf-8"))
    gate.write(GATE, "0")
    yield gate
    gate.run("rm", place)


def run_as_the_assistant(
    container: Container, unit: str, user: str = "sovani-ops"
) -> dict[str, object]:
    command = ("env", f"PYTHONPATH={REPOSITORY}", sys.executable, str(RUN_AS))
    if container.run("test", "-r", str(RUN_AS), "-a", "-x", sys.executable).returncode:
        pytest.skip("this checkout or its Python is on a file system that the overlay lacks")
    done = container.run(*command, user, unit)
    assert done.returncode == 0, done.stderr
    found: dict[str, object] = json.loads(done.stdout)
    return found


def allowed(container: Container) -> None:
    """Wait until polkit has taken the rule."""
    until = monotonic() + 20
    while "done" not in run_as_the_assistant(container, "sovani-collect.service"):
        assert monotonic() < until


@needs_polkit
def test_the_example_lets_the_assistant_start_its_unit_and_hear_its_end(
    ruled: Container,
) -> None:
    allowed(ruled)
    ruled.write(GATE, "4")
    found = run_as_the_assistant(ruled, "sovani-collect.service")
    assert (found["failed"], found["code"]) == ("job_unit_failed", 4)


@needs_polkit
@pytest.mark.parametrize("unit", ["other-job", "sovani-collect@7", "sovani-collect2"])
def test_the_example_allows_no_other_unit(ruled: Container, unit: str) -> None:
    allowed(ruled)
    assert run_as_the_assistant(ruled, f"{unit}.service")["failed"] == "unit_denied"


@needs_polkit
@pytest.mark.parametrize("verb", ["restart", "kill", "reset-failed"])
def test_the_example_allows_no_other_verb(ruled: Container, verb: str) -> None:
    allowed(ruled)
    ruled.run("rm", GATE)
    ruled.run("systemctl", "start", "--no-block", "sovani-collect")
    words = ("systemctl", "--no-ask-password", verb, "sovani-collect")
    done = ruled.run(*words, user="sovani-ops")
    assert done.returncode != 0
    assert "Access denied" in done.stderr or "authentication required" in done.stderr
    assert state_of(ruled, "sovani-collect") == "activating"


@needs_polkit
@pytest.mark.parametrize(("unit", "fine"), [("sovani-collect", True), ("no-job", False)])
def test_the_example_lets_the_assistant_stop_that_unit(
    ruled: Container, unit: str, *, fine: bool
) -> None:
    allowed(ruled)
    ruled.run("rm", GATE)
    ruled.run("systemctl", "start", "--no-block", unit)
    words = ("systemctl", "--no-ask-password", "stop", unit)
    assert (ruled.run(*words, user="sovani-ops").returncode == 0) is fine
    assert (state_of(ruled, unit) in {"inactive", "failed"}) is fine


@needs_polkit
def test_beside_the_example_our_three_units_are_what_they_were(ruled: Container) -> None:
    allowed(ruled)
    for unit, fine in (("sovani-scheduler", True), ("bystander", False)):
        words = ("systemctl", "--no-ask-password", "restart", unit)
        assert (ruled.run(*words, user="sovani-ops").returncode == 0) is fine


@needs_polkit
def test_another_user_may_not_start_it(ruled: Container) -> None:
    allowed(ruled)
    found = run_as_the_assistant(ruled, "sovani-collect.service", "nobody")
    assert (found["failed"], found["verb"]) == ("unit_denied", "start")


@needs_polkit
def test_without_the_example_the_shipped_rule_says_no(gate: Container) -> None:
    found = run_as_the_assistant(gate, "other-job.service")
    assert found == {
        "failed": "unit_denied",
        "verb": "start",
        "unit": "other-job.service",
    }
