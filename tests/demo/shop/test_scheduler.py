"""The scheduler: jobs on the real database, and the process itself."""

import asyncio
import os
import signal
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from threading import Event

import pytest

from demo.shop.clock import business_yesterday, utc_now
from demo.shop.data import money, sales
from demo.shop.data.build import Plan, build
from demo.shop.database import reading, writing
from demo.shop.schedule import NIGHTLY, BadSchedule, due_times, last_due, next_due, parse_schedule
from demo.shop.scheduler import jobs, runs
from demo.shop.scheduler.loop import Scheduler
from demo.shop.settings import Settings
from tests.demo.shop.kit import NOW, YESTERDAY, Clock, settings_of, until

COLLECT, RECALC = "collect_yesterday_data", "recalc_recent_metrics"


def forget(database: Path, marketplace: str, day: date = YESTERDAY) -> list[tuple[object, ...]]:
    """Delete a day of sales; returns what is gone."""
    where = "d = ? AND sku_id IN (SELECT id FROM sku WHERE marketplace = ?)"
    with writing(database) as shop:
        query = f"SELECT d, sku_id, qty, commission_amount FROM daily_sales WHERE {where}"  # noqa: S608  # a constant
        gone = shop.execute(query, (day.isoformat(), marketplace)).fetchall()
        shop.execute(f"DELETE FROM daily_sales WHERE {where}", (day.isoformat(), marketplace))  # noqa: S608  # a constant
    return [tuple(row) for row in gone]


def missing(database: Path, day: date = YESTERDAY) -> list[str]:
    with reading(database) as shop:
        return sales.missing(shop, day)


def journal(database: Path) -> list[tuple[str, str]]:
    """Return what was run from NOW on."""
    query = "SELECT job_name, status FROM job_runs WHERE started_at >= ? ORDER BY id"
    with reading(database) as shop:
        return [tuple(row) for row in shop.execute(query, (NOW.strftime("%Y-%m-%d %H:%M"),))]


def scheduler(settings: Settings, clock: Clock) -> Scheduler:
    stop = Event()
    stop.set()  # `run` catches up and ends
    return Scheduler(settings, clock, stop)


def test_collects_what_is_missing_and_nothing_else(settings: Settings) -> None:
    gone = forget(settings.database, "WB")
    details = jobs.collect_yesterday_data(settings, NOW)
    assert details["added"] == {"WB": len(gone), "OZON": 0}
    assert missing(settings.database) == []
    assert jobs.collect_yesterday_data(settings, NOW)["added"] == {"WB": 0, "OZON": 0}


def test_collects_the_days_of_a_longer_absence(settings: Settings) -> None:
    later = NOW + timedelta(days=3)
    jobs.collect_yesterday_data(settings, later)
    for number in range(1, 4):
        assert missing(settings.database, YESTERDAY + timedelta(days=number)) == []


def test_yesterday_is_a_day_of_the_shop_and_not_of_utc(settings: Settings) -> None:
    evening = datetime(2026, 3, 10, 21, 30, tzinfo=UTC)  # half past midnight in Moscow
    assert jobs.collect_yesterday_data(settings, evening)["day"] == "2026-03-10"


def test_without_a_session_wildberries_is_not_collected(settings: Settings) -> None:
    forget(settings.database, "WB")
    forget(settings.database, "OZON")
    settings.session_lost.touch()
    with pytest.raises(jobs.JobFailed, match="401"):
        jobs.collect_yesterday_data(settings, NOW)
    assert missing(settings.database) == ["WB"]


def test_recalculation_keeps_what_was_entered_by_hand(settings: Settings) -> None:
    with writing(settings.database) as shop:
        day = YESTERDAY.isoformat()
        shop.execute(
            "UPDATE cashflow_daily SET net = 1 WHERE d = ? AND marketplace='OZON'", (day,)
        )
        shop.execute(
            "UPDATE cashflow_daily SET net = 2, src_hash = 'manual:x'"
            " WHERE d = ? AND marketplace = 'WB'",
            (day,),
        )
    jobs.recalc_recent_metrics(settings, NOW)
    with reading(settings.database) as shop:
        rows = shop.execute("SELECT marketplace, net FROM cashflow_daily WHERE d = ?", (day,))
        found = {row["marketplace"]: row["net"] for row in rows}
    assert found["WB"] == 2
    eve = YESTERDAY - timedelta(days=1)
    change = money.planned_balance(YESTERDAY) - money.planned_balance(eve)
    assert found["OZON"] == pytest.approx(0.45 * change, abs=0.01)


def test_recalculation_changes_nothing_where_all_is_well(settings: Settings) -> None:
    query = "SELECT d, marketplace, inflow, outflow, net FROM cashflow_daily ORDER BY 1, 2"
    with reading(settings.database) as shop:
        before = [tuple(row) for row in shop.execute(query)]
    jobs.recalc_recent_metrics(settings, NOW)
    with reading(settings.database) as shop:
        assert [tuple(row) for row in shop.execute(query)] == before


def test_a_start_runs_nothing_that_has_been_run(settings: Settings, clock: Clock) -> None:
    scheduler(settings, clock).run()
    assert journal(settings.database) == []


def test_a_start_catches_up_with_what_was_due(settings: Settings, clock: Clock) -> None:
    clock.now = NOW + timedelta(days=1)
    Scheduler(settings, clock, Event()).catch_up()
    assert journal(settings.database) == [(COLLECT, "success"), (RECALC, "success")]
    assert missing(settings.database, YESTERDAY + timedelta(days=1)) == []


def test_a_run_that_failed_is_caught_up_with_a_new_session(
    settings: Settings, clock: Clock
) -> None:
    forget(settings.database, "WB")
    settings.session_lost.touch()
    Scheduler(settings, clock, Event()).perform(COLLECT)
    assert journal(settings.database) == [(COLLECT, "failed")]
    with writing(settings.database) as shop:
        shop.execute("DELETE FROM job_runs WHERE status = 'success'")

    watched = Scheduler(settings, clock, stop := Event())
    settings.session_lost.unlink()
    watched.catch_up()
    assert not stop.is_set()
    assert journal(settings.database)[1:] == [(COLLECT, "success"), (RECALC, "success")]
    assert missing(settings.database) == []


def test_a_failed_run_tells_why(settings: Settings, clock: Clock) -> None:
    settings.session_lost.touch()
    Scheduler(settings, clock, Event()).perform(COLLECT)
    with reading(settings.database) as shop:
        last = shop.execute("SELECT * FROM job_runs ORDER BY id DESC LIMIT 1").fetchone()
    assert last["status"] == "failed"
    assert "401" in last["error_message"]
    assert '"401": 1' in last["metadata"]
    assert last["finished_at"] is not None


def test_a_bug_in_a_job_is_a_failed_run(
    settings: Settings, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_settings: Settings, _now: datetime) -> dict[str, object]:
        raise ZeroDivisionError("division by zero")

    monkeypatch.setattr("demo.shop.scheduler.loop.JOBS", {COLLECT: broken})
    Scheduler(settings, clock, Event()).perform(COLLECT)
    assert journal(settings.database) == [(COLLECT, "failed")]


def test_a_missing_database_does_not_end_the_scheduler(settings: Settings, clock: Clock) -> None:
    settings.database.unlink()
    scheduler(settings, clock).run()
    Scheduler(settings, clock, Event()).perform(COLLECT)
    assert not settings.database.exists()


def test_what_a_killed_scheduler_left_running_is_closed(settings: Settings, clock: Clock) -> None:
    runs.begin(settings.database, COLLECT, NOW - timedelta(seconds=30))
    scheduler(settings, clock).run()
    with reading(settings.database) as shop:
        last = shop.execute("SELECT * FROM job_runs ORDER BY id DESC LIMIT 1").fetchone()
    assert last["status"] == "failed"
    assert last["duration_seconds"] == pytest.approx(30, abs=0.1)


def test_cron_times() -> None:
    nightly = NIGHTLY[COLLECT]
    assert last_due(nightly, NOW) == datetime(2026, 3, 10, 2, tzinfo=UTC)
    assert last_due("* * * * *", NOW) == NOW
    assert next_due("* * * * *", NOW) == NOW + timedelta(minutes=1)
    assert len(due_times("* * * * *", NOW - timedelta(hours=1), NOW)) == 60


@pytest.mark.parametrize(
    "text", ["{", "[]1", '{"collect_yesterday_data": "x"}', '{"a": "* * * * *"}']
)
def test_a_wrong_schedule_is_refused(text: str) -> None:
    with pytest.raises(BadSchedule, match="DEMO_JOBS"):
        parse_schedule(text)


async def test_the_process_catches_up_and_ends_on_sigterm(tmp_path: Path, plan: Plan) -> None:
    database, now = tmp_path / "shop.db", utc_now()
    zone = settings_of(database).zone
    yesterday = business_yesterday(now, zone)
    build(database, Plan(yesterday=yesterday, now=now, days=8, skus=plan.skus))
    forget(database, "WB", yesterday)
    with writing(database) as shop:
        shop.execute("DELETE FROM job_runs")
    env = {**os.environ, "DATABASE_URL": f"sqlite:///{database}", "APP_TIMEZONE": zone.key}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "demo.shop.scheduler"), env=env, stdout=asyncio.subprocess.DEVNULL
    )

    async def both_ran() -> bool:
        with reading(database) as shop:
            query = "SELECT COUNT(*) FROM job_runs WHERE status = 'success'"
            return bool(shop.execute(query).fetchone()[0] == 2)

    try:
        await until(both_ran)
    finally:
        process.send_signal(signal.SIGTERM)
    assert await asyncio.wait_for(process.wait(), 5) == 0
    assert missing(database, yesterday) == []
