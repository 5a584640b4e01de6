"""What may be restarted, asked of a real systemd and a real polkit: and nothing is restarted."""

import json
import sys
from functools import partial
from pathlib import Path

import pytest

from bot.core.model import Unreadable
from bot.edges.services.rights import OwnUnit, own_unit, rights
from tests.edges.services.container import Container
from tests.edges.services.test_systemd import REPOSITORY, needs_polkit

RIGHTS_AS = Path(__file__).with_name("rights_as.py")
OURS = ("sovani-bot", "sovani-web-api", "sovani-scheduler")


def asked_as(container: Container, user: str, *units: str) -> dict[str, object]:
    command = ("env", f"PYTHONPATH={REPOSITORY}", sys.executable, str(RIGHTS_AS))
    if container.run("test", "-r", str(RIGHTS_AS), "-a", "-x", sys.executable).returncode:
        pytest.skip("this checkout or its Python is on a file system that the overlay lacks")
    done = container.run(*command, user, *units)
    assert done.returncode == 0, done.stderr
    found: dict[str, object] = json.loads(done.stdout)
    return found


def runs(container: Container) -> str:
    """Which run each unit is in."""
    units = (*OURS, "bystander", "systemd-journald")
    return container.run("systemctl", "show", "-p", "InvocationID,ActiveState", *units).stdout


@needs_polkit
def test_the_shipped_rule_allows_our_units_alone_and_asking_restarts_none(
    container: Container,
) -> None:
    container.run("systemctl", "start", "sovani-bot")
    container.run("systemctl", "stop", "sovani-web-api")
    before = runs(container)
    found = asked_as(container, "sovani-ops", *OURS, "bystander", "no-such-unit")
    assert found == {
        "ours": {**dict.fromkeys(OURS, True), "bystander": False, "no-such-unit": False},
        "stranger": False,
        "has_polkit": True,
    }
    assert runs(container) == before


async def test_root_has_every_right_and_restarts_nothing_either(container: Container) -> None:
    before = runs(container)
    found = await rights(OURS, seconds=10, address=container.bus_address)
    assert (found.ours, found.stranger) == (dict.fromkeys(OURS, True), True)
    assert runs(container) == before


async def test_what_is_known_of_the_own_unit(container: Container) -> None:
    look = partial(own_unit, seconds=10, address=container.bus_address)
    container.run("systemctl", "start", "sovani-ops")
    seen = await look("sovani-ops")
    assert isinstance(seen, OwnUnit)
    assert (seen.main_pid > 0, seen.comes_back) == (True, False)
    back = await look("comes-back.service")
    assert back == OwnUnit(main_pid=0, comes_back=True)
    assert await look("nobody") is None


async def test_without_a_bus_nothing_is_known() -> None:
    with pytest.raises(Unreadable) as caught:
        await rights(OURS, seconds=1, address="unix:path=/no/such/bus")
    assert caught.value.why.key == "service_manager_unreachable"
