import asyncio
import json
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.core.model import Source, Unreadable
from bot.core.runbook import ActionFailed
from bot.core.tools import Service, ServiceState
from bot.edges.redact import HIDDEN, Redactor
from bot.edges.services import open_services
from bot.edges.services.common import Looking, Patience, ServiceManager
from tests.edges.services.container import Container, has_polkit

REPOSITORY = Path(__file__).parents[3]
RESTART_AS = Path(__file__).with_name("restart_as.py")

needs_polkit = pytest.mark.skipif(not has_polkit(), reason="polkit is not installed")


def managing(
    container: Container, unit: str = "sovani-scheduler", patience: Patience | None = None
) -> ServiceManager:
    units = {Service.SCHEDULER: unit}
    quick = patience or Patience(settle=0)
    return open_services("systemd", units, patience=quick, bus_address=container.bus_address)


async def seen(services: ServiceManager) -> ServiceState:
    state = await services.state(Service.SCHEDULER)
    assert state is not None
    return state


async def why_not_restarted(services: ServiceManager) -> ActionFailed:
    with pytest.raises(ActionFailed) as caught:
        await services.restart(Service.SCHEDULER)
    return caught.value


async def test_a_stopped_unit_is_seen_as_stopped_and_then_started(container: Container) -> None:
    container.run("systemctl", "stop", "sovani-bot")
    services = managing(container, "sovani-bot")
    stopped = await seen(services)
    assert (stopped.running, stopped.detail) == (False, "inactive (dead)")
    assert stopped.since is None
    started = await services.restart(Service.SCHEDULER)
    assert (started.unit, started.running) == ("sovani-bot.service", True)
    assert started.detail == "active (running)"


async def test_a_restart_is_a_new_run_and_touches_no_other_unit(container: Container) -> None:
    container.run("systemctl", "start", "sovani-scheduler", "bystander")
    services, beside = managing(container), managing(container, "bystander")
    before, bystander = await seen(services), await seen(beside)
    after = await services.restart(Service.SCHEDULER)
    assert after.running
    assert len(after.run_id) == 32
    assert after.run_id != before.run_id
    assert after.restarts == 0
    assert after.since is not None
    assert timedelta() <= datetime.now(UTC) - after.since < timedelta(minutes=1)  # noqa: TID251  # systemd reads the real clock
    assert await seen(beside) == bystander


async def test_a_unit_that_dies_after_the_restart_is_no_success(container: Container) -> None:
    async def until_dead(_seconds: float) -> None:
        async with asyncio.timeout(10):
            while (await seen(services)).running:
                pass

    services = managing(container, "dies-later", Patience(sleep=until_dead))
    failed = await why_not_restarted(services)
    assert failed.why.key == "service_did_not_stay"
    assert failed.why.values["detail"] == "inactive (dead)"


async def test_a_unit_that_systemd_brought_up_again_is_no_success(container: Container) -> None:
    async def until_up_again(_seconds: float) -> None:
        async with asyncio.timeout(10):
            while not (await seen(services)).restarts:
                pass

    services = managing(container, "comes-back", Patience(sleep=until_up_again))
    assert (await why_not_restarted(services)).why.key == "service_did_not_stay"
    container.run("systemctl", "stop", "comes-back")


async def test_the_second_look_comes_after_the_time_it_was_given(container: Container) -> None:
    waited = []

    async def wait(seconds: float) -> None:
        waited.append(seconds)

    await managing(container, patience=Patience(settle=7, sleep=wait)).restart(Service.SCHEDULER)
    assert waited == [7]


async def test_a_start_that_fails_says_what_systemd_says(container: Container) -> None:
    failed = await why_not_restarted(managing(container, "fails"))
    assert failed.why.key == "service_restart_failed"
    assert failed.why.values["said"] == "failed, exit-code"


async def test_too_many_restarts_are_named_as_such(container: Container) -> None:
    services = managing(container, "often")
    await services.restart(Service.SCHEDULER)
    await services.restart(Service.SCHEDULER)
    assert (await why_not_restarted(services)).why.key == "service_start_limit"
    assert (await seen(services)).running is False


async def test_a_restart_that_takes_too_long_may_still_be_going_on(container: Container) -> None:
    container.run("systemctl", "start", "stubborn")
    services = managing(container, "stubborn", Patience(finish=0.3))
    failed = await why_not_restarted(services)
    assert failed.why.key == "service_restart_timeout"
    assert (await seen(services)).detail.startswith("deactivating")
    container.run("systemctl", "kill", "--signal=KILL", "stubborn")


async def test_restarts_at_the_same_time_all_get_their_answer(container: Container) -> None:
    units = ["sovani-bot", "sovani-web-api", "sovani-scheduler"]
    restarts = [managing(container, unit).restart(Service.SCHEDULER) for unit in units]
    states = await asyncio.gather(*restarts)
    assert [state.unit for state in states] == [f"{unit}.service" for unit in units]


async def test_an_unknown_unit_is_named(container: Container) -> None:
    services = managing(container, "nobody")
    with pytest.raises(Unreadable) as unreadable:
        await services.state(Service.SCHEDULER)
    assert unreadable.value.source is Source.SERVICE_MANAGER
    assert unreadable.value.why.values["unit"] == "nobody.service"
    assert (await why_not_restarted(services)).why.key == "service_not_found"


def open_files() -> list[str]:
    return sorted(path.name for path in Path("/proc/self/fd").iterdir())


async def test_a_masked_unit_is_refused_in_the_words_of_systemd(container: Container) -> None:
    failed = await why_not_restarted(managing(container, "systemd-sysctl"))
    assert failed.why.key == "service_restart_failed"
    assert "is masked" in str(failed.why.values["said"])


async def test_the_bus_is_that_of_the_environment_unless_another_is_named(
    container: Container, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", container.bus_address)
    services = open_services("systemd", {Service.SCHEDULER: "bystander"})
    assert (await seen(services)).unit == "bystander.service"


async def test_no_connection_is_left_open(container: Container) -> None:
    await seen(managing(container))
    before = open_files()
    for _ in range(5):
        await seen(managing(container))
        await managing(container).restart(Service.SCHEDULER)
    assert open_files() == before


@pytest.mark.parametrize("address", ["unix:path=/no/such/bus", "nonsense", "tcp:host=x"])
async def test_a_bus_that_is_not_there_is_unreadable(address: str) -> None:
    units = {Service.SCHEDULER: "sovani-scheduler"}
    services = open_services("systemd", units, bus_address=address)
    with pytest.raises(Unreadable) as caught:
        await services.state(Service.SCHEDULER)
    assert caught.value.why.key == "service_manager_unreachable"
    assert (await why_not_restarted(services)).why.key == "service_manager_unreachable"


@pytest.fixture
def empty_bus(tmp_path: Path) -> Iterator[str]:
    """Run a D-Bus on which nobody offers anything."""
    if not shutil.which("dbus-daemon"):
        pytest.skip("dbus-daemon is not installed")
    address = f"unix:path={tmp_path}/bus"
    command = ["dbus-daemon", "--session", "--nofork", "--print-address", f"--address={address}"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as bus:
        assert bus.stdout is not None
        bus.stdout.readline()
        yield address
        bus.terminate()


async def test_a_bus_without_systemd_is_unreadable(empty_bus: str) -> None:
    services = open_services("systemd", {Service.WEB: "web"}, bus_address=empty_bus)
    with pytest.raises(Unreadable) as caught:
        await services.state(Service.WEB)
    assert caught.value.why.key == "service_manager_unreachable"


async def test_a_bus_that_says_nothing_is_unreadable_in_time(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as silent:
        silent.bind(str(tmp_path / "bus"))
        silent.listen()
        services = open_services(
            "systemd",
            {Service.WEB: "web"},
            patience=Patience(answer=0.2),
            bus_address=f"unix:path={tmp_path}/bus",
        )
        with pytest.raises(Unreadable) as caught:
            await services.state(Service.WEB)
    assert caught.value.why.key == "service_manager_unreachable"


def restart_as_the_assistant(container: Container, unit: str) -> object:
    command = ("env", f"PYTHONPATH={REPOSITORY}", sys.executable, str(RESTART_AS))
    if container.run("test", "-r", str(RESTART_AS), "-a", "-x", sys.executable).returncode:
        pytest.skip("this checkout or its Python is on a file system that the overlay lacks")
    done = container.run(*command, "sovani-ops", unit)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@needs_polkit
@pytest.mark.parametrize("unit", ["sovani-bot", "sovani-web-api", "sovani-scheduler"])
def test_the_shipped_rule_lets_the_assistant_restart_our_units(
    container: Container, unit: str
) -> None:
    done = restart_as_the_assistant(container, unit)
    assert done == {"unit": f"{unit}.service", "running": True}


@needs_polkit
def test_any_other_unit_is_denied_by_name_of_the_reason(container: Container) -> None:
    assert restart_as_the_assistant(container, "bystander") == {"failed": "service_denied"}


@needs_polkit
@pytest.mark.parametrize("verb", ["restart", "start"])
def test_the_rule_allows_what_it_names(container: Container, verb: str) -> None:
    done = container.run(
        "systemctl", "--no-ask-password", verb, "sovani-scheduler", user="sovani-ops"
    )
    assert (done.returncode, done.stderr) == (0, "")


@needs_polkit
@pytest.mark.parametrize(
    "command",
    [
        "stop sovani-scheduler",
        "kill sovani-scheduler",
        "reload-or-restart sovani-scheduler",
        "try-restart sovani-scheduler",
        "reset-failed sovani-scheduler",
        "set-property sovani-scheduler MemoryMax=1M",
        "restart bystander",
        "restart sovani-ops",
        "start bystander",
        "restart sovani-scheduler.timer",
        "restart dbus.socket",
        "disable sovani-scheduler",
        "mask sovani-scheduler",
        "daemon-reload",
        "daemon-reexec",
        "isolate rescue.target",
        "poweroff",
    ],
)
def test_the_rule_allows_nothing_else(container: Container, command: str) -> None:
    words = ("systemctl", "--no-ask-password", *command.split())
    done = container.run(*words, user="sovani-ops")
    assert done.returncode != 0
    assert any(
        word in done.stderr for word in ("Access denied", "authentication required", "not found")
    ), done.stderr


@needs_polkit
def test_another_user_may_not_even_restart_our_units(container: Container) -> None:
    command = ("systemctl", "--no-ask-password", "restart", "sovani-scheduler")
    assert container.run(*command, user="nobody").returncode != 0


LIMITS = """[Service]
Environment=APP_TIMEZONE=Europe/Moscow "WB_STATS_TOKEN=planted token" OZON_API_KEY_ADMIN=planted
Environment='PLAIN=planted, too' DEBUG=true
Environment=DATABASE_URL=postgresql://shop:planted@db/shop
"""


async def test_the_files_of_a_unit_are_shown_with_their_secrets_masked(
    container: Container,
) -> None:
    unit = "/etc/systemd/system/configured.service"
    drop_in = f"{unit}.d/limits.conf"
    container.write(unit, "[Service]\nExecStart=/bin/sleep 1000\n")
    container.write(drop_in, LIMITS)
    container.run("systemctl", "start", "configured")  # else it is read anew at every look
    root = Path(f"/proc/{container.pid}/root")
    looking = Looking(redact=Redactor(["planted"]).of_others, root=root)
    services = open_services(
        "systemd",
        {Service.WEB: "configured"},
        bus_address=container.bus_address,
        looking=looking,
    )
    known = await services.config(Service.WEB)
    container.run("touch", "-d", "+1 hour", unit)
    changed = await services.config(Service.WEB)
    await services.aclose()
    assert known.unit == "configured.service"
    assert [file.name for file in known.files] == [unit, drop_in]
    assert known.files[0].text == "[Service]\nExecStart=/bin/sleep 1000"
    assert "APP_TIMEZONE=Europe/Moscow" in known.files[1].text
    assert known.files[1].text.count(HIDDEN) == 4
    assert "planted" not in repr(known)
    assert (known.stale, changed.stale) == (False, True)


async def test_the_end_of_the_last_run_is_seen(container: Container) -> None:
    await why_not_restarted(managing(container, "fails"))
    failed = await seen(managing(container, "fails"))
    assert (failed.exit_code, failed.exit_signal) == (1, None)
    assert failed.ended_at is not None
    container.run("systemctl", "start", "bystander")
    container.run("systemctl", "kill", "--signal=KILL", "bystander")
    async with asyncio.timeout(10):
        while (state := await seen(managing(container, "bystander"))).running:
            pass
    assert (state.exit_code, state.exit_signal) == (None, "SIGKILL")


async def test_timers_that_start_our_units_are_named(container: Container) -> None:
    timer = "[Timer]\nOnCalendar=*-*-* 02:00:00 UTC\nUnit=sovani-scheduler.service\n"
    container.write("/etc/systemd/system/nightly.timer", timer)
    container.write("/etc/systemd/system/alien.timer", timer.replace("sovani-scheduler", "often"))
    container.run("systemctl", "daemon-reload")
    container.run("systemctl", "start", "nightly.timer", "alien.timer")
    (found,) = (await managing(container).config(Service.SCHEDULER)).timers
    container.run("systemctl", "stop", "nightly.timer", "alien.timer")
    assert (found.name, found.starts) == ("nightly.timer", "sovani-scheduler.service")
    assert found.next_at is not None
    assert (found.next_at.hour, found.next_at.minute) == (2, 0)
    assert found.last_at is None
