"""Heartbeats as Healthchecks has them: late, failed, begun and never ended."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bot.core import beat_look
from bot.core.book import Book
from bot.edges import schedules
from tests.web.conftest import Api, is_problem

SETTING = "backup=1h+10m; sync=*/15 * * * *+5m"


@pytest.fixture
def book(book: Book) -> Book:
    zone = ZoneInfo("Europe/Moscow")
    return replace(book, beats={one.job: one.plan(zone) for one in schedules.parse(SETTING)})


async def beat(api: Api, path: str, method: str = "POST") -> dict[str, Any]:
    answer = await api.call(method, f"/beat/{path}", "sender")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def later(api: Api, **span: float) -> None:
    """Time goes on, and somebody looks every ten seconds or so."""
    end = api.clock.now + timedelta(**span)
    while api.clock.now < end:
        api.clock.now = min(api.clock.now + timedelta(seconds=60), end)
        await look(api)


async def look(api: Api) -> None:
    now, book = api.clock(), api.context.book
    await api.write(lambda tx: beat_look.look(tx, book, now))


async def alerts(api: Api) -> list[tuple[Any, ...]]:
    rows = (await api.get("/api/v1/ops/alerts")).json()
    return [(one["subject"], one["facts"]["kind"], one["state"]) for one in rows]


async def test_a_job_in_time_is_no_alert(api: Api) -> None:
    await look(api)
    for _ in range(3):
        answer = await beat(api, "backup")
        assert answer["trouble"] is None
        for _ in range(4):
            await beat(api, "sync", "GET")
            await later(api, minutes=15)
    assert await alerts(api) == []


async def test_a_job_that_is_not_heard_of_is_late_after_its_grace(api: Api) -> None:
    await beat(api, "backup")
    await beat(api, "sync")
    await later(api, minutes=20)
    assert await alerts(api) == []  # due at a quarter past, five minutes of grace
    await later(api, minutes=1)
    assert await alerts(api) == [("sync", "late", "firing")]
    row = (await api.get("/api/v1/ops/alerts")).json()[0]
    assert (row["source"], row["severity"]) == ("beats", "error")
    assert row["message"] == "The job “sync” is late"
    await beat(api, "sync")
    assert await alerts(api) == [("sync", "late", "resolved")]


async def test_a_job_of_the_settings_that_was_never_heard_of_is_expected_too(api: Api) -> None:
    await look(api)
    await beat(api, "sync")
    await later(api, minutes=16)
    await beat(api, "sync")
    await later(api, minutes=4)
    assert await alerts(api) == []
    for _ in range(4):
        await beat(api, "sync")
        await later(api, minutes=15)
    assert await alerts(api) == [("backup", "late", "firing")]


async def test_a_job_that_fails_is_an_alert_at_once_until_it_is_done(api: Api) -> None:
    assert (await beat(api, "backup/fail"))["trouble"] == "failed"
    assert await alerts(api) == [("backup", "failed", "firing")]
    await beat(api, "backup/start")
    assert await alerts(api) == [("backup", "failed", "firing")]
    api.clock.forward(seconds=90)
    await beat(api, "backup")
    assert await alerts(api) == [("backup", "failed", "resolved")]
    assert (await api.rows("SELECT took_seconds FROM beats WHERE job = 'backup'"))[0][0] == 90


async def test_a_job_that_begins_and_does_not_end_overruns(api: Api) -> None:
    await beat(api, "sync")
    await beat(api, "backup/start")
    await later(api, minutes=10)
    assert await alerts(api) == []
    await later(api, minutes=1)
    assert await alerts(api) == [("backup", "overrun", "firing")]
    await beat(api, "backup")
    assert await alerts(api) == [("backup", "overrun", "resolved")]


async def test_a_late_job_that_begins_is_not_well_before_it_is_done(api: Api) -> None:
    await beat(api, "sync")
    await later(api, minutes=25)
    await beat(api, "sync/start")
    assert await alerts(api) == [("sync", "late", "firing")]
    await beat(api, "sync")
    assert await alerts(api) == [("sync", "late", "resolved")]


async def test_for_the_time_in_which_nobody_listened_no_job_is_blamed(api: Api) -> None:
    await beat(api, "sync")
    await beat(api, "backup/start")
    api.clock.forward(hours=9)  # the assistant was off
    await look(api)
    assert await alerts(api) == []
    await later(api, minutes=30)
    assert {one[0] for one in await alerts(api)} == {"sync", "backup"}


async def test_what_was_late_before_stays_so(api: Api) -> None:
    await beat(api, "backup")
    await beat(api, "sync")
    await later(api, minutes=30)
    api.clock.forward(hours=9)
    await look(api)
    assert await alerts(api) == [("sync", "late", "firing")]


async def test_a_clock_set_back_hides_nothing_for_long(api: Api) -> None:
    await beat(api, "sync")
    await beat(api, "backup")
    api.clock.forward(hours=-5)
    await later(api, minutes=30)
    assert await alerts(api) == [("sync", "late", "firing")]


async def test_a_job_taken_out_of_the_settings_is_watched_no_longer(api: Api) -> None:
    await beat(api, "backup/fail")
    rest = replace(api.context.book, beats={})
    now = api.clock()
    await api.write(lambda tx: beat_look.look(tx, rest, now))
    assert await alerts(api) == [("backup", "failed", "resolved")]


async def test_an_alert_of_a_job_is_not_closed_by_hand(api: Api) -> None:
    await beat(api, "backup/fail")
    assert is_problem(await api.post("/api/v1/ops/alerts/1/resolve"), 409)


async def test_only_jobs_of_the_settings_and_only_senders(api: Api) -> None:
    assert is_problem(await api.post("/beat/other", who="sender"), 404, "no job other")
    assert is_problem(await api.get("/beat/backup", who="viewer"), 403)
    assert is_problem(await api.get("/beat/backup", who=None), 401)
    assert is_problem(await api.post("/beat/backup/end", who="sender"), 404)
    assert await api.rows("SELECT * FROM beats") == []


async def test_the_chat_shows_all_jobs(api: Api) -> None:
    await beat(api, "backup/start")
    api.clock.forward(seconds=75)
    await beat(api, "backup")
    await beat(api, "sync/fail")
    text = (await api.get("/api/v1/ops/ask?command=beats")).json()["text"]
    assert "🟠 sync failed" in text
    assert "✅ backup" in text
    assert "in 1 min" in text
    assert text.index("sync") < text.index("backup")
