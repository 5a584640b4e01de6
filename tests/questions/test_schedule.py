"""The pages beside the calendar: when checks look next, and when jobs are expected."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.core.model import Row, Scalar, Status, Unreadable, phrase
from bot.core.records import CheckState
from bot.edges.schedules import parse
from tests.conftest import NOON
from tests.paper import fits
from tests.questions import numbers, scene
from tests.questions.conftest import Room, labels

GROWTH, CASH = "check_db_growth", "check_cash_balance_threshold"


async def looked(room: Room, state: CheckState) -> None:
    await room.store.write(lambda tx: tx.checks.save(state))


def table(text: str) -> dict[str, list[str]]:
    """Each line of the tables by what it is about."""
    lines = [
        line for block in text.split("<pre>")[1:] for line in block.split("</pre>")[0].split("\n")
    ]
    return {line.split("  ")[0].strip(): line.split() for line in lines}


async def test_each_check_has_its_next_round_and_its_pace(room: Room) -> None:
    books = room.book.runbooks
    slow = replace(books[CASH], every=timedelta(hours=1))
    room.book = replace(room.book, runbooks={**books, CASH: slow})
    for name, ago in ((GROWTH, 2), (CASH, 59), ("check_token_expiry", 6)):
        state = scene.state(name, Status.OK, round_at=NOON - timedelta(minutes=ago))
        await looked(room, state)
    found = table(await room.read("schedule checks"))
    assert found["Database growth"][-3:] == ["15:03", "5", "min"]
    assert found["Cash balance"][-3:] == ["15:01", "1", "h"]
    assert found["API keys"][-3:] == ["15:00", "5", "min"]  # a little late: it is due now
    assert "soon" in found["Scheduler"]
    assert len(found) == 1 + len(books)
    assert "Next round 15:00" in await room.read("schedule")


async def test_a_check_that_has_not_looked_for_long_has_no_next_round(room: Room) -> None:
    state = scene.state(GROWTH, Status.OK, round_at=NOON - timedelta(hours=1))
    await looked(room, state)
    assert "overdue" in table(await room.read("schedule checks"))["Database growth"]
    assert "❔ 1 overdue, next round soon" in await room.read("schedule")


async def test_where_all_are_off_no_round_is_due(room: Room) -> None:
    off = {name: replace(one, enabled=False) for name, one in room.book.runbooks.items()}
    room.book = replace(room.book, runbooks=off)
    assert "⏹ All are switched off" in await room.read("schedule")
    rows = table(await room.read("schedule checks"))
    assert all(line[-2:] == ["off", "–"] for name, line in rows.items() if name != "check")


async def test_jobs_are_expected_though_the_shop_cannot_be_read(room: Room) -> None:
    def locked(**_binds: Scalar) -> list[Row]:
        raise Unreadable(phrase("shop_locked", path="shop.db"))

    room.shop.answers = {"scheduler_on_time/runs.sql.j2": locked}
    room.book = replace(room.book, beats=scene.PLANS_OF_JOBS)
    text = await room.read("schedule jobs")
    assert "❔ The shop's database shop.db is locked" in text
    assert "sync" in table(text)


async def test_the_calendar_does_not_ask_the_shop(room: Room) -> None:
    def never(**_binds: Scalar) -> list[Row]:
        raise AssertionError

    room.shop.answers = {"scheduler_on_time/runs.sql.j2": never}
    text = await room.read("schedule")
    assert "💓" not in text  # no job sends any


@pytest.mark.parametrize("page", ["", "checks", "jobs"])
async def test_the_widest_fits_a_phone(room: Room, page: str) -> None:
    """Forty jobs with long names, and every check with its next round on another day."""
    room.shop.answers = {"scheduler_on_time/runs.sql.j2": numbers.runs_of}
    jobs = ";".join(
        f"{number}-backup-of-the-whole-shop-to-the-side=@daily+2h" for number in range(40)
    )
    plans = {one.job: one.plan(room.book.policy.zone) for one in parse(jobs)}
    books = {
        name: replace(one, every=timedelta(hours=23)) for name, one in room.book.runbooks.items()
    }
    room.book = replace(room.book, beats=plans, runbooks=books)
    for name in books:
        await looked(room, scene.state(name, Status.OK))
    text = await room.read(f"schedule {page}".strip())
    fits(text, (await room.ask(f"schedule {page}".strip())).keys)
    if page == "jobs":
        assert "… and 28 more: /beats" in text
    if page == "checks":
        assert "24 Nov 13:58" in text
        assert "Commission out" in text


async def test_the_pages_lead_to_each_other(room: Room) -> None:
    assert labels(await room.ask("schedule"))[-1] == ["Checks", "Jobs"]
    assert labels(await room.ask("schedule checks")) == [["Schedule", "Jobs"]]
    assert labels(await room.ask("schedule jobs")) == [["Schedule", "Checks"]]
