"""Settings: what an existing SoVAni host's .env means, and one line for each mistake."""

from datetime import time
from pathlib import Path

import pytest
from pydantic import ValidationError

from bot.commands import reference
from bot.commands.loading import env_files, load_settings
from bot.commands.topics import OTHERS, grouped
from bot.core.retention import Keep
from bot.settings import Settings
from bot.settings_text import mistakes
from bot.settings_types import ChatRef, Window

TOKEN = "123456789:AAExampleExampleExampleExampleExample"
GOOD = {"BOT_TOKEN": TOKEN, "ADMIN_CHAT_ID": "-1001", "ADMIN_USER_IDS": "7, 8"}
ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(autouse=True)
def _no_env_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)


def settings(monkeypatch: pytest.MonkeyPatch, **values: str) -> Settings:
    for name, value in (GOOD | values).items():
        monkeypatch.setenv(name, value)
    return Settings()


def test_three_settings_are_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    found = settings(monkeypatch)
    assert found.admins == {7, 8}
    assert found.alert_chats == (ChatRef(-1001),)


def test_an_existing_sovani_env_works_with_a_token_added(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / ".env").write_text(
        f"TELEGRAM_TOKEN=1:theirs\nMANAGER_CHAT_ID=42\nDATABASE_URL=sqlite:///./sovani_bot.db\n"
        f"ALERT_CHAT_IDS=-1,-2:17\nUNHEARD_OF=x\nWB_STATS_TOKEN=\nBOT_TOKEN={TOKEN}\n"
    )
    monkeypatch.delenv("BOT_TOKEN", raising=False)
    found = Settings()
    assert found.admin_chat == ChatRef(42)
    assert found.admins == {42}  # a private chat's id is its owner's
    assert found.alert_chats == (ChatRef(-1), ChatRef(-2, 17))
    assert found.wb_stats_token is None


@pytest.mark.parametrize(
    ("name", "value", "line"),
    [
        ("BOT_TOKEN", "x", "BOT_TOKEN: is not a Telegram bot token (for example 1234"),
        ("CHECK_INTERVAL_SEC", "often", "CHECK_INTERVAL_SEC: Input should be a valid number"),
        ("CHECK_INTERVAL_SEC", "0", "CHECK_INTERVAL_SEC: Input should be greater than or equal"),
        ("ADMIN_USER_IDS", "@ann", "ADMIN_USER_IDS: '@ann' is not a number"),
        ("ALERT_CHAT_IDS", "-1:x", "ALERT_CHAT_IDS: 'x' is not a number"),
        ("APP_TIMEZONE", "Mars/Base", "APP_TIMEZONE: is not a time zone"),
        ("MAINTENANCE_WINDOW", "at night", "MAINTENANCE_WINDOW: is not a span such as"),
        ("WORKING_HOURS", "all day", "WORKING_HOURS: is not a span such as"),
        ("MAINTENANCE_SILENCES", "Sun", "MAINTENANCE_SILENCES: 'Sun' is not a span such as Sun"),
        ("ONCALL_ROTA", "Ann 9-18", "ONCALL_ROTA: 'Ann 9-18' does not begin with a user id"),
        ("ONCALL_ROTA", "7 9-18", "ONCALL_ROTA: '9-18' is not a span such as Sun 02:00-04:00"),
        ("ONCALL_ROTA", "99 09:00-18:00", "ONCALL_ROTA: 99 is neither an admin nor a manager"),
        ("MISSED_JOBS", "sales", "MISSED_JOBS: 'sales' is neither job=collect nor job=recalc"),
        ("MISSED_JOBS", "a=recalc:0", "MISSED_JOBS: a: '0' is not 1 to 60 days (for example"),
        ("RETENTION_DAYS", "180", "RETENTION_DAYS: '180' is none of daily_sales, daily_stock"),
        ("RETENTION_DAYS", "daily_sales=7", "RETENTION_DAYS: daily_sales: '7' is not 90 to 3650"),
        ("ALERT_MIN_SEVERITY", "bad", "ALERT_MIN_SEVERITY: Input should be 'info', 'warning'"),
        ("DATABASE_URL", "mysql://x", "DATABASE_URL: is neither sqlite:///file nor"),
        ("DATABASE_URL", "sqlite:///:memory:", "DATABASE_URL: names no file, such as"),
        ("STATE_DATABASE_URL", "postgresql://x", "STATE_DATABASE_URL: is not a SQLite file"),
        ("SERVICE_SCHEDULER", "a; rm -rf /", "SERVICE_SCHEDULER: is not a unit's name"),
        ("WEB_API_URL", "localhost:8000", "WEB_API_URL: is not a URL"),
        ("ADMIN_USER_IDS", "", "ADMIN_USER_IDS: nobody is set who may answer alerts"),
        ("ADMIN_CHAT_ID", "", "ADMIN_CHAT_ID: no chat is set"),
        ("TELEGRAM_PROXY_URL", "proxy:3128", "TELEGRAM_PROXY_URL: is not http, socks4 or socks5"),
        (
            "TELEGRAM_PROXY_URL",
            "http://proxy",
            "TELEGRAM_PROXY_URL: is not http, socks4 or socks5",
        ),
        ("SUPERVISOR_URL", "127.0.0.1:9001", "SUPERVISOR_URL: is not a URL, such as http://127"),
        (
            "OZON_API_URL",
            "api.example.com",
            "OZON_API_URL: is not a URL, such as http://localhost",
        ),
        (
            "CF_NEGATIVE_BALANCE_ALERT_THRESHOLD",
            "nan",
            "CF_NEGATIVE_BALANCE_ALERT_THRESHOLD: Inpu",
        ),
        ("SLO_API_LATENCY_P95_MS", "inf", "SLO_API_LATENCY_P95_MS: Input should be a finite num"),
        ("ALERT_DEDUP_WINDOW_SEC", "1e12", "ALERT_DEDUP_WINDOW_SEC: Input should be less than"),
        ("SERVICE_MANAGER", "supervisor", "SUPERVISOR_URL: the service manager is supervisor"),
    ],
)
def test_a_mistake_is_one_line_with_its_name(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, line: str
) -> None:
    with pytest.raises(ValidationError) as caught:
        settings(monkeypatch, **{name: value})
    [said] = mistakes(caught.value)
    assert said.startswith(line)
    assert "\n" not in said


def test_a_wrong_token_is_not_repeated_in_its_own_error(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ValidationError) as caught:
        settings(monkeypatch, BOT_TOKEN="secret-looking-thing")
    assert "secret-looking-thing" not in "".join(mistakes(caught.value))


def test_a_window_may_pass_midnight() -> None:
    night = Window(time(23), time(2))
    assert [night.holds(time(hour)) for hour in (22, 23, 1, 2)] == [False, True, True, False]


def test_no_secret_is_shown_by_the_settings_themselves(monkeypatch: pytest.MonkeyPatch) -> None:
    found = settings(monkeypatch, ADMIN_TOKEN="planted-secret")
    assert TOKEN not in repr(found)
    assert "planted-secret" not in repr(found)
    assert {TOKEN, "planted-secret"} <= set(found.secrets())


def test_the_example_and_the_reference_are_what_the_settings_say() -> None:
    wanted = (reference.env_example(), reference.configuration())
    paths = (ROOT / ".env.example", ROOT / "docs" / "configuration.md")
    assert tuple(path.read_text(encoding="utf-8") for path in paths) == wanted


def test_every_setting_is_in_one_chapter_of_the_reference() -> None:
    names = [name for name in Settings.model_fields if name not in reference.NESTED]
    chapters = grouped(names)
    assert sorted(one for own in chapters.values() for one in own) == sorted(names)
    assert chapters.get(OTHERS, []) == [], "bot/commands/topics.py has a chapter for each"
    assert [topic for topic, own in chapters.items() if len(own) < 3] == []
    text = reference.configuration()
    assert all(f"\n## {topic}\n" in text for topic in chapters)
    assert "`127.0.0.1:8090`" in text, "a default is written as one would write it"


def test_every_setting_says_what_it_means() -> None:
    fields = {**Settings.model_fields}
    for name, config in reference.configs():
        fields |= {f"{name}.{field}": value for field, value in config.model_fields.items()}
    assert [name for name, field in fields.items() if not field.description] == []


def test_the_example_itself_would_start(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in GOOD:
        monkeypatch.delenv(name, raising=False)
    (tmp_path / ".env").write_text((ROOT / ".env.example").read_text(encoding="utf-8"))
    assert Settings().admin_chat_id == -1001234567890


def test_hours_and_the_rota_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    found = settings(
        monkeypatch,
        WORKING_HOURS="10:00-20:00",
        MAINTENANCE_SILENCES="Sun 02:00-04:00, 03:00-03:20",
        ONCALL_ROTA="7 Mon-Fri 09:00-18:00; 8 18:00-09:00;",
        RETENTION_DAYS="job_runs=90",
        MISSED_JOBS="load-sales=collect, figures = recalc : 14",
    )
    assert [str(one) for one in found.missed_jobs] == ["load-sales=collect", "figures=recalc:14"]
    assert found.retention_days == (Keep("job_runs", 90),)
    assert found.working_hours == Window(time(10), time(20))
    assert [str(one) for one in found.maintenance_silences] == ["Sun 02:00-04:00", "03:00-03:20"]
    assert [str(one) for one in found.oncall_rota] == ["7 Mon-Fri 09:00-18:00", "8 18:00-09:00"]


def test_under_systemd_settings_come_as_credentials_and_ours_win(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".env").write_text("BOT_TOKEN=not-this-one\n")
    (tmp_path / "shop.env").write_text("MANAGER_CHAT_ID=111\nAPP_TIMEZONE=Asia/Omsk\n")
    token = f"{'1' * 9}:{'a' * 35}"
    (tmp_path / "env").write_text(f"BOT_TOKEN={token}\nAPP_TIMEZONE=Europe/Moscow\nHTTP_LISTEN=\n")
    files = env_files({"CREDENTIALS_DIRECTORY": str(tmp_path)})
    settings = Settings(_env_file=files)
    assert settings.admin_chat.chat == 111
    assert settings.app_timezone == "Europe/Moscow"
    assert settings.http_listen is None
    assert env_files({}) == (Path(".env"),)


def test_a_file_of_settings_that_cannot_be_read_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".env").write_bytes(b"BOT_TOKEN=\xff\xfe\n")
    with pytest.raises(SystemExit):
        load_settings()
    assert capsys.readouterr().err.count("\n") == 1


def test_the_api_listens_on_this_machine_unless_it_is_told_otherwise(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert str(settings(monkeypatch).http_listen) == "127.0.0.1:8090"
    assert str(settings(monkeypatch, HTTP_LISTEN="[::1]:80").http_listen) == "[::1]:80"
    assert settings(monkeypatch, HTTP_LISTEN="").http_listen is None
    monkeypatch.delenv("HTTP_LISTEN")
    (tmp_path / ".env").write_text("HTTP_LISTEN=\n")
    assert Settings().http_listen is None
    assert str(settings(monkeypatch, HTTP_LISTEN="0.0.0.0:1").http_listen) == "0.0.0.0:1"


@pytest.mark.parametrize(
    ("values", "line"),
    [
        ({"HTTP_LISTEN": "8090"}, "HTTP_LISTEN: is not host:port, such as 127.0.0.1:8090"),
        ({"HTTP_LISTEN": "localhost:99999"}, "HTTP_LISTEN: is not host:port"),
        ({"API_TOKENS": "grafana:viewer:12"}, "API_TOKENS: grafana: the hash is not 64"),
        ({"BEATS": "backup=often+1h"}, "BEATS: backup: 'often' is neither a cron line"),
        ({"BEATS": "a=1h", "HTTP_LISTEN": ""}, "BEATS: nobody would hear them"),
    ],
)
def test_mistakes_about_the_api_are_one_line_each(
    monkeypatch: pytest.MonkeyPatch, values: dict[str, str], line: str
) -> None:
    with pytest.raises(ValidationError) as wrong:
        settings(monkeypatch, **values)
    assert [one for one in mistakes(wrong.value) if one.startswith(line)]
