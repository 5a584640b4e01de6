"""Cron lines of the shop's jobs, as due times."""

from datetime import UTC, datetime, timedelta

from bot.core.tools.calendar import Due
from bot.edges.job_calendar import CronCalendar

TWO = datetime(2026, 11, 24, 2, tzinfo=UTC)
HOUR = timedelta(hours=1)


def test_due_times_are_of_utc_and_in_order() -> None:
    calendar = CronCalendar({"recalc": "0 3 * * *", "collect": "0 2 * * *"})
    assert calendar.dues(TWO - HOUR, TWO + HOUR) == [
        Due("collect", TWO),
        Due("recalc", TWO + HOUR),
    ]
    assert calendar.dues(TWO, TWO + HOUR) == [Due("recalc", TWO + HOUR)]
    assert calendar.dues(TWO - 2 * HOUR, TWO - HOUR) == []


def test_a_job_of_every_second_is_not_counted_for_ever() -> None:
    assert len(CronCalendar({"x": "* * * * * *"}).dues(TWO, TWO + 24 * HOUR)) == 1500
