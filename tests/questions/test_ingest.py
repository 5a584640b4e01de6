"""What `/ingest` and `/limits` conclude, most of all that no data is not no sales."""

from datetime import date, timedelta
from typing import Any

import pytest

from bot.core.model import Person, Role, Unreadable, phrase
from bot.core.tools import Sample
from bot.questions._services import LOG_LINES
from bot.questions.ingest import by_day, tries, verdict
from bot.questions.limits import Hours
from tests.checks.fakes import FakeWeb, spaced
from tests.conftest import TEAM
from tests.machine import line
from tests.questions import incoming
from tests.questions.conftest import Room, labels

MAX = Person(id=1002, name="Max", role=Role.MANAGER)
VERA = Person(id=1003, name="Vera", role=Role.VIEWER)


@pytest.mark.parametrize(
    ("rows", "usual", "missing", "word"),
    [
        (100, 100, 0, "well"),
        (100, None, 0, "well"),
        (40, 100, 0, "thin"),
        (0, 100, 1, "no_data"),
        (0, 0, 1, "no_sales"),
        (0, 0, 3, "no_data"),
        (0, None, 14, "no_data"),
    ],
)
def test_no_data_is_not_no_sales(rows: int, usual: float | None, missing: int, word: str) -> None:
    assert verdict({"rows": rows, "usual_rows": usual, "missing_days": missing}) == word


def test_the_usual_is_that_of_the_weekday_and_a_day_without_rows_counts() -> None:
    due = date(2026, 11, 22)
    found = [("2026-11-15", 10), ("2026-11-08", 30), ("2026-11-01", 20), ("2026-11-21", 500)]
    rows: list[Any] = [{"marketplace": "WB", "day": day, "total": n} for day, n in found]
    first, second = by_day(rows, ["WB"], due, 2)
    assert (first["day"], first["date"]) == ("Sun 22", "2026-11-22")
    assert (first["rows0"], first["usual0"]) == (
        0,
        20,
    )  # 10, 30 and 20: nothing is known of a fourth week
    assert (second["rows0"], second["usual0"]) == (500, 0)  # two Saturdays without


def test_what_has_begun_this_week_has_no_usual_yet() -> None:
    due = date(2026, 11, 22)
    rows: list[Any] = [{"marketplace": "WB", "day": "2026-11-21", "total": 7}]
    lines = by_day(rows, ["WB", "OZON"], due, 2)
    assert [line["usual0"] for line in lines] == [None, None]
    assert [line["usual1"] for line in lines] == [None, None]


def run(started: str, status: str = "failed") -> dict[str, str]:
    return {"started": f"2026-11-23T{started}:00+00:00", "status": status}


def test_the_pauses_between_tries_are_told() -> None:
    found = tries(
        [
            run("02:35", "running"),
            run("02:30"),
            run("02:10"),
            run("02:00"),
            run("01:00", "success"),
            run("00:00"),
        ]
    )
    assert (found.failed, found.pauses) == (3, [600, 1200])
    assert found.since == "2026-11-23T02:00:00+00:00"
    assert tries([run("02:00", "success"), run("01:00")]).failed == 0
    assert tries([]).since is None


def test_an_hour_that_nobody_looked_at_is_not_an_hour_without_limits() -> None:
    hours = Hours(name="WB", limited=[None, 0, 1, 8, 16], calls=100)
    assert hours.bars == "?·▁▄█"
    assert hours.total == 25
    assert Hours(name="WB", limited=[None, None], calls=0).bars == "??"


async def test_the_file_has_a_line_for_each_day_and_marketplace(room: Room) -> None:
    room.shop.answers = {
        "ingest_success_rate/days.sql.j2": incoming.days(),
        "ingest_success_rate/counts.sql.j2": incoming.counts(),
        "answers/ingest.sql.j2": incoming.by_day(),
    }
    text = await room.read("ingest 2")
    assert "no data" in text
    page = await room.ask("export ingest 2")
    assert page.table is not None
    assert [tuple(row.values())[:3] for row in page.table.rows] == [
        ("2026-11-22", "WB", 0),
        ("2026-11-22", "OZON", 1234),
        ("2026-11-21", "WB", 0),
        ("2026-11-21", "OZON", 12344),
    ]
    assert {type(row["rows"]) for row in page.table.rows} == {int}  # not 1234.00 in a sheet


async def test_limits_answer_although_neither_the_web_api_nor_the_log_can_be_read(
    room: Room,
) -> None:
    room.web = FakeWeb(Unreadable(phrase("http_refused", where="http://localhost:8000")))
    room.machine.log = Unreadable(phrase("service_manager_off"))
    text = await room.read("limits")
    assert text.startswith("❔ <b>Calls to the marketplaces are not counted yet</b>")
    assert "❔ http://localhost:8000 cannot be reached" in text
    assert text.count("❔") == 3


async def test_a_web_api_that_cannot_be_read_has_no_metrics(room: Room) -> None:
    room.web = FakeWeb(Unreadable(phrase("http_refused", where="http://localhost:8000")))
    with pytest.raises(Unreadable):
        await room.ask("metrics")


async def test_a_histogram_is_told_by_its_count_and_sum(room: Room) -> None:
    names = ("_bucket", "_count", "_sum", "_created")
    room.web = FakeWeb([Sample(f"http_seconds{end}", {"le": "1"}, 2.0) for end in names])
    text = await room.read("metrics http")
    assert "http_seconds_count" in text
    assert "http_seconds_bucket" not in text
    assert "http_seconds_created" not in text
    assert "2" in await room.read("metrics http_seconds_bucket")


async def test_a_number_that_is_none_is_shown_as_such(room: Room) -> None:
    values = [Sample("m", {"a": "nan"}, float("nan")), Sample("m", {}, float("inf"))]
    room.web = FakeWeb(values)
    text = await room.read("metrics m")
    assert "nan" in text
    assert "–" in text
    assert (await room.read("metrics nothing")).startswith("❔ <b>The web API has no metric")


async def test_a_word_about_rates_is_found_under_a_busy_day_of_others(room: Room) -> None:
    busy = [line("heartbeat", timedelta(seconds=n)) for n in range(5_000, 0, -1)]
    room.machine.log = [line("429 Too Many Requests: rate limit", timedelta(hours=20)), *busy]
    text = await room.read("limits")
    assert "429 Too Many Requests: rate limit" in text
    assert "lines were read" not in text


async def test_a_log_that_was_not_read_whole_has_not_been_silent_about_rates(room: Room) -> None:
    busy = [line("heartbeat", timedelta(seconds=n)) for n in range(LOG_LINES, 0, -1)]
    room.machine.log = [line("429 Too Many Requests: rate limit", timedelta(hours=20)), *busy]
    text = await room.read("limits")
    assert "No line about rates in what was read." in text
    assert "Only the newest 20 000 lines were read, back to 09:26." in text


async def test_a_log_that_was_read_whole_may_be_said_to_be_silent(room: Room) -> None:
    room.machine.log = [line("heartbeat")]
    text = await room.read("limits")
    assert "No line about rates." in text
    assert "lines were read" not in text


async def test_a_viewer_is_told_how_many_lines_there_are_and_none_of_them(room: Room) -> None:
    """The log is for managers, whichever question reads it and wherever it is asked."""
    room.machine.log = [line("429 Too Many Requests: rate limit of seller 42")] * 2
    assert "rate limit of seller 42" in await room.read("limits", MAX)
    for chat in (VERA.id, TEAM.chat):
        page = await room.ask("limits", VERA, chat)
        text = spaced(room.templates.render(page.template, **page.values))
        assert "2 lines about rates; managers may read them." in text
        assert "seller" not in text
    room.machine.log = [line("heartbeat")]
    assert "No line about rates." in await room.read("limits", VERA)


async def test_a_diagnosis_leads_to_the_log_only_those_who_may_read_it(room: Room) -> None:
    asked = "look 2 0 diagnose"
    for who, chat in ((MAX, MAX.id), (VERA, TEAM.chat)):  # a group has what managers may press
        shown = [label for row in labels(await room.ask(asked, who, chat)) for label in row]
        assert {"Rate 24h", "Logs 1h"} <= set(shown)
    assert labels(await room.ask(asked, VERA)) == []
