from pathlib import Path

import pytest

from bot.doctor import own_unit, rights
from bot.edges.services.rights import OwnUnit, Rights
from tests.doctor.patient import case, told

UNITS = ("sovani-bot", "sovani-web-api", "sovani-scheduler")


def seen(*denied: str, stranger: bool = False, has_polkit: bool = True) -> Rights:
    ours = {unit: unit not in denied for unit in UNITS}
    return Rights(ours=ours, stranger=stranger, has_polkit=has_polkit)


@pytest.mark.parametrize(
    ("found", "verdict", "said", "mend"),
    [
        (seen(), "ok", "sovani-bot, sovani-web-api, sovani-scheduler, and no other", ""),
        (seen("sovani-bot"), "broken", "may not restart sovani-bot.", "install.sh"),
        (seen(*UNITS, has_polkit=False), "broken", "may not", "apt-get install polkitd"),
        (seen(stranger=True), "warning", "such as systemd-journald.service", "50-sovani-ops"),
    ],
)
def test_the_right_to_restart(found: Rights, verdict: str, said: str, mend: str) -> None:
    line = told(rights.judge(found))
    assert line[:2] == ("Right to restart", verdict)
    assert said in line[2]
    assert mend in line[3]


def test_root_learns_nothing_about_the_services_account() -> None:
    line = told(rights.judge(seen(stranger=True), is_root=True))
    assert line[1] == "warning"
    assert "sovani-ops doctor" in line[3]


OURS = OwnUnit(main_pid=7, comes_back=True)


@pytest.mark.parametrize(
    ("found", "running", "verdict", "said"),
    [
        (OURS, "7", "ok", "starts it again"),
        (OURS, None, "ok", "starts it again"),
        (OURS, "?", "ok", "starts it again"),
        (OURS, "8", "broken", "(pid 8) is not the unit ops (pid 7)"),
        (OwnUnit(main_pid=0, comes_back=True), "8", "broken", "not the unit ops: Restart"),
        (OwnUnit(main_pid=7, comes_back=False), "7", "warning", "does not start ops again"),
        (None, "8", "warning", "knows no unit ops"),
    ],
)
def test_the_own_unit_is_compared_with_what_runs(
    found: OwnUnit | None, running: str | None, verdict: str, said: str
) -> None:
    line = told(own_unit.judge("ops", found, running))
    assert line[1] == verdict
    assert said in line[2]
    assert bool(line[3]) is (verdict != "ok")


@pytest.mark.parametrize("manager", ["none", "systemd"])
async def test_where_there_is_no_systemd_both_are_skipped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, manager: str
) -> None:
    monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", "unix:path=/no/such/bus")
    for examine in (rights.examine, own_unit.examine):
        [result] = await examine(case(tmp_path, service_manager=manager))
        assert told(result)[1] == "skipped"
