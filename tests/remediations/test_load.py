"""Remediations are found by their files' names."""

from pathlib import Path

import pytest

from bot import remediations
from bot.core.runbook import Guard
from bot.remediations import remediate_clear_cache, remediate_notify_admin


def test_every_file_is_a_remediation_of_its_own_name() -> None:
    loaded = remediations.load()
    files = {path.stem for path in Path(str(remediations.__file__)).parent.glob("remediate_*.py")}
    assert loaded.keys() == files
    assert all(name == remediation.name for name, remediation in loaded.items())


def test_the_buttons_are_those_of_the_runbooks() -> None:
    found = {name: action.label for name, action in remediations.load().items()}
    assert (
        found.items()
        >= {
            "remediate_clear_cache": "Clear cache",
            "remediate_notify_admin": "Notify admin",
            "remediate_restart_assistant": "Restart assistant",
            "remediate_restart_bot": "Restart bot",
            "remediate_restart_scheduler": "Restart scheduler",
            "remediate_restart_web": "Restart web API",
            "remediate_vacuum_db": "Run VACUUM",
        }.items()
    )


def test_whatever_changes_something_asks_first() -> None:
    begun = {name: one for name, one in remediations.load().items() if one.direct}
    asks = {name for name, action in begun.items() if action.guard is not Guard.NONE}
    assert asks == set(begun) - {"remediate_notify_admin"}


def test_a_file_that_calls_itself_otherwise_stops_the_start(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(remediate_clear_cache, "remediation", remediate_notify_admin.remediation)
    with pytest.raises(LookupError, match=r"remediate_clear_cache\.py"):
        remediations.load()


def test_every_file_has_its_tests() -> None:
    tested = {path.stem.removeprefix("test_") for path in Path(__file__).parent.glob("test_r*.py")}
    assert tested == set(remediations.load())
