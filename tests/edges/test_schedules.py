"""Jobs and when they are expected, out of the words of a setting."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.edges.schedules import Expected, parse

MOSCOW = ZoneInfo("Europe/Moscow")
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


def test_a_setting_names_jobs_with_schedule_and_grace() -> None:
    found = parse("backup=@daily+2h; sync = */15 * * * * + 5m ;report=6h;")
    assert found == (
        Expected("backup", "@daily", timedelta(hours=2)),
        Expected("sync", "*/15 * * * *", timedelta(minutes=5)),
        Expected("report", "6h", timedelta(minutes=10)),
    )
    assert parse("") == ()


@pytest.mark.parametrize(
    ("schedule", "due"),
    [
        ("@daily", datetime(2026, 11, 23, 21, tzinfo=UTC)),  # midnight in Moscow
        ("*/15 * * * *", datetime(2026, 11, 23, 12, 15, tzinfo=UTC)),
        ("90m", NOON + timedelta(minutes=90)),
    ],
)
def test_a_job_is_due_by_its_schedule(schedule: str, due: datetime) -> None:
    plan = Expected("x", schedule, timedelta(0)).plan(MOSCOW)
    assert plan.due(NOON) == due
    assert plan.text == schedule


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("backup", "is not job=schedule"),
        ("=@daily+1h", "is not job=schedule"),
        ("a/b=@daily+1h", "is not job=schedule"),
        ("backup=@daily+soon", "is not a grace"),
        ("backup=@daily+0m", "is not a grace"),
        ("backup=@yearlyish+1h", "neither a cron line"),
        ("backup=0m+1h", "neither a cron line"),
        ("backup=61 * * * *+1h", "neither a cron line"),
        ("backup=0 0 30 2 *+1h", "neither a cron line"),
        ("a=1h; a=2h", "twice"),
    ],
)
def test_a_mistake_is_one_line(text: str, words: str) -> None:
    with pytest.raises(ValueError, match=words) as refused:
        parse(text)
    assert "\n" not in str(refused.value)
