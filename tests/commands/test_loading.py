"""Settings that cannot be used: a line for each mistake, all at once, never a traceback."""

from pathlib import Path

import pytest

from bot.commands.loading import CONFIG_ERROR, load_settings

GOOD = {
    "BOT_TOKEN": "123456789:AAExampleExampleExampleExampleExample",
    "ADMIN_CHAT_ID": "-1001",
    "ADMIN_USER_IDS": "7",
}


@pytest.fixture(autouse=True)
def _three_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    for name, value in GOOD.items():
        monkeypatch.setenv(name, value)


def refused(text: str, capsys: pytest.CaptureFixture[str]) -> list[str]:
    """Every line of a start with these lines in `.env`."""
    Path(".env").write_text(text)
    with pytest.raises(SystemExit) as ended:
        load_settings()
    assert ended.value.code == CONFIG_ERROR
    return capsys.readouterr().err.splitlines()


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (
            "CHECKS=db_growth",
            "CHECKS: is not JSON. A line for each value does it too, such as CHECKS__DB_",
        ),
        ("SCHEDULE={", "SCHEDULE: is not JSON. A line for each value does it too, such as SCHED"),
        ("CHECKS__DB_GROWTH=5", "CHECKS__DB_GROWTH: Input should be a valid dictionary"),
        ("CHECKS__DB_GROWTH__FOR_SEC=inf", "CHECKS__DB_GROWTH__FOR_SEC: Input should be a finite"),
        ("CHECKS__DB_GROWTH__FOR_SEC=1e20", "CHECKS__DB_GROWTH__FOR_SEC: Input should be less"),
        ("CHECKS__DB_GROWTH__WARN_BYTES=x", "CHECKS__DB_GROWTH__WARN_BYTES: Input should be a va"),
        ("CHECKS__SCHEDULER_ON_TIME__GRACE_SEC=1e20", "CHECKS__SCHEDULER_ON_TIME__GRACE_SEC: In"),
        ("SCHEDULE__LUNCH=@daily", "SCHEDULE__LUNCH: there is no such schedule, but brief"),
    ],
)
def test_one_mistake_is_one_line(text: str, line: str, capsys: pytest.CaptureFixture[str]) -> None:
    [said] = refused(text, capsys)
    assert said.startswith(f"settings: {line}")
    assert "Undefined" not in said


def test_a_setting_that_no_check_has_is_answered_with_those_that_it_has(
    capsys: pytest.CaptureFixture[str],
) -> None:
    [said] = refused("CHECKS__DB_GROWTH__WARN_GB=5", capsys)
    assert said.startswith("settings: CHECKS__DB_GROWTH__WARN_GB: there is no such setting, but ")
    assert "ENABLED" in said
    assert "WARN_BYTES" in said


def test_a_mistake_in_one_check_hides_no_other(capsys: pytest.CaptureFixture[str]) -> None:
    text = "CHECKS__DB_GROWTH__ENABLED=maybe\nCHECKS__CASH_RESERVE__ENABLED=maybe\n"
    said = refused(f"{text}CHECKS__DISK_FANS__WARN=1\nSCHEDULE__BRIEF=now and then\n", capsys)
    assert [line.removeprefix("settings: ").partition(": ")[0] for line in sorted(said)] == [
        "CHECKS",
        "CHECKS__CASH_RESERVE__ENABLED",
        "CHECKS__DB_GROWTH__ENABLED",
        "SCHEDULE__BRIEF",
    ]


def names(said: list[str]) -> list[str]:
    return sorted(line.removeprefix("settings: ").partition(": ")[0] for line in said)


IN_TABLES = """
CHECKS__DB_GROWTH__ENABLED=maybe
CHECKS__CASH_RESERVE=5
CHECKS__DISK_FANS__WARN=1
SCHEDULE__BRIEF=now and then
SCHEDULE__LUNCH=@daily
SCHEDULE__REVIEW__DAY=1
SCHEDULE__MISSED_JOBS=always
"""
THEIR_NAMES = ["CHECKS", "CHECKS__CASH_RESERVE", "CHECKS__DB_GROWTH__ENABLED"]
THEIR_NAMES += [f"SCHEDULE__{one}" for one in ("BRIEF", "LUNCH", "MISSED_JOBS", "REVIEW")]


@pytest.mark.parametrize(
    ("text", "more"),
    [
        ("", []),
        ("CHECK_INTERVAL_SEC=often\nAPP_TIMEZONE=Mars", ["APP_TIMEZONE", "CHECK_INTERVAL_SEC"]),
        ("RESTART_MISSED_JOBS=maybe", ["RESTART_MISSED_JOBS"]),
    ],
)
def test_a_mistake_in_any_setting_hides_none_in_the_tables(
    text: str, more: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert names(refused(f"{text}{IN_TABLES}", capsys)) == sorted([*more, *THEIR_NAMES])


def test_a_mistake_between_settings_hides_none_in_the_tables(
    capsys: pytest.CaptureFixture[str],
) -> None:
    text = "ONCALL_ROTA=99 09:00-18:00\nCHECKS__DB_GROWTH__ENABLED=maybe\nSCHEDULE__LUNCH=1h"
    assert names(refused(text, capsys)) == [
        "CHECKS__DB_GROWTH__ENABLED",
        "ONCALL_ROTA",
        "SCHEDULE__LUNCH",
    ]


def test_what_is_no_table_hides_nothing_else(capsys: pytest.CaptureFixture[str]) -> None:
    text = "APP_TIMEZONE=Mars\nCHECKS=[\nSCHEDULE__LUNCH=1h\nSCHEDULE__REVIEW__DAY=1"
    found = ["APP_TIMEZONE", "CHECKS", "SCHEDULE__LUNCH", "SCHEDULE__REVIEW"]
    assert names(refused(text, capsys)) == found
    text = "APP_TIMEZONE=Mars\nCHECKS=[\nSCHEDULE=x"
    assert names(refused(text, capsys)) == ["APP_TIMEZONE", "CHECKS", "SCHEDULE"]
    text = "CHECKS=[1]\nSCHEDULE__LUNCH=1h"
    assert names(refused(text, capsys)) == ["CHECKS", "SCHEDULE__LUNCH"]


def test_a_right_table_is_silent_beside_a_wrong_setting(
    capsys: pytest.CaptureFixture[str],
) -> None:
    text = "APP_TIMEZONE=Mars\nCHECKS__DB_GROWTH__ENABLED=false\nSCHEDULE__BRIEF=off\n"
    assert names(refused(text, capsys)) == ["APP_TIMEZONE"]


def test_an_example_is_the_checks_own(capsys: pytest.CaptureFixture[str]) -> None:
    [said] = refused("CHECKS__API_LATENCY_P95__SLO_API_LATENCY_P95_MS=fast", capsys)
    assert said.endswith("(for example 1200)")


@pytest.mark.parametrize("text", ["CHECKS__DB_GROWTH__ENABLED=false", "SCHEDULE__BRIEF=off", ""])
def test_what_is_right_says_nothing(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    Path(".env").write_text(text)
    load_settings()
    assert capsys.readouterr().err == ""
