import subprocess
import sys

import pytest

from bot.core.runbook import ActionFailed
from bot.core.tools import Service
from bot.edges.services import open_services

UNITS = {
    Service.BOT: "sovani-bot",
    Service.WEB: "sovani-web-api.service",
    Service.SCHEDULER: "group:sovani_scheduler@1",
}


async def test_without_a_manager_nothing_is_known_and_nothing_restarted() -> None:
    services = open_services("none", UNITS)
    assert await services.state(Service.BOT) is None
    with pytest.raises(ActionFailed) as caught:
        await services.restart(Service.BOT)
    assert caught.value.why.key == "service_manager_off"
    await services.aclose()


@pytest.mark.parametrize("manager", ["systemd", "supervisor"])
def test_real_names_are_accepted(manager: str) -> None:
    open_services(manager, UNITS, "http://localhost:9001")


@pytest.mark.parametrize("manager", ["systemd", "supervisor"])
@pytest.mark.parametrize(
    "name",
    ["", "*", "sovani*", "a b", "a;b", "-H", "../x", "a/b", "group:*", "a\n", "é", "a" * 300],
)
def test_a_name_that_could_mean_more_than_one_unit_is_refused(manager: str, name: str) -> None:
    with pytest.raises(ValueError, match="is not the name of a service"):
        open_services(manager, {**UNITS, Service.WEB: name}, "http://localhost:9001")


def test_a_unit_that_is_not_ours_cannot_even_be_asked_for() -> None:
    assert list(Service) == [Service.BOT, Service.WEB, Service.SCHEDULER, Service.SELF]
    with pytest.raises(ValueError, match="is not a valid Service"):
        Service("sshd")


def test_an_unknown_manager_and_a_missing_address_are_refused() -> None:
    with pytest.raises(ValueError, match="systemd, supervisor or none, not runit"):
        open_services("runit", UNITS)
    with pytest.raises(ValueError, match="needs SUPERVISOR_URL"):
        open_services("supervisor", UNITS)


def test_only_the_manager_in_use_is_imported() -> None:
    look = (
        "import sys, bot.edges.services as s; s.open_services('none', {});"
        "print({'dbus_fast', 'httpx'} & set(sys.modules))"
    )
    seen = subprocess.run([sys.executable, "-c", look], capture_output=True, check=True)
    assert seen.stdout == b"set()\n"
