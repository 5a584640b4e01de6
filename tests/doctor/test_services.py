from pathlib import Path

from bot.core.model import Source, Unreadable, phrase
from bot.core.tools import ServiceState
from bot.doctor import services
from tests.doctor.patient import SECRETS, case, told

UP = ServiceState(unit="a", running=True, detail="active (running)", run_id="1")
DOWN = ServiceState(unit="b", running=False, detail="failed (failed)", run_id="")
MISSING = Unreadable(
    phrase("service_not_found", manager="systemd", unit="c"), Source.SERVICE_MANAGER
)
GONE = Unreadable(phrase("service_manager_unreachable", manager="systemd"), Source.SERVICE_MANAGER)


def test_each_unit_is_a_line() -> None:
    lines = [told(one) for one in services.judge("systemd", {"a": UP, "b": DOWN, "c": MISSING})]
    assert lines[:2] == [
        ("Service a", "ok", "active (running)", ""),
        ("Service b", "broken", "failed (failed)", "Run: systemctl start b"),
    ]
    assert lines[2][1] == "broken"
    assert "knows no service c" in lines[2][2]


def test_supervisor_has_a_command_of_its_own() -> None:
    [line] = services.judge("supervisor", {"b": DOWN})
    assert told(line)[3] == "Run: supervisorctl start b"


def test_a_manager_that_is_gone_is_one_line() -> None:
    [line] = services.judge("systemd", dict.fromkeys("abc", GONE))
    assert told(line)[:2] == ("Service manager", "broken")
    assert "SERVICE_MANAGER" in told(line)[3]


async def test_no_manager_is_skipped(tmp_path: Path) -> None:
    [result] = await services.examine(case(tmp_path))
    assert told(result)[1] == "skipped"


async def test_a_supervisor_that_nobody_answers_at(tmp_path: Path) -> None:
    changes = {"service_manager": "supervisor", "supervisor_url": SECRETS["supervisor_url"]}
    [result] = await services.examine(case(tmp_path, **changes))
    assert told(result)[1] == "broken"
    assert "SUPERVISOR_URL" in told(result)[3]
    assert "planted" not in str(result)
