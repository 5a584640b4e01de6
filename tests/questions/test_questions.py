"""What the answers conclude from the tables, most of all that unknown is never "ok"."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

import bot.questions
from bot.core.keyboard import Key
from bot.core.model import Row, Severity, Status, Unreadable, fires, ok
from bot.core.paging import turn
from bot.core.ports import Tx
from bot.core.question import Sheet, WrongArguments
from bot.core.records import CheckState, Silence
from bot.core.verbs import Verb
from bot.questions.cash import by_day
from tests.conftest import NOON
from tests.questions import scene
from tests.questions.conftest import Room, labels

DOCS = Path(__file__).parents[2] / "docs" / "commands.md"
WELL = ("All is well", "Nothing is known to be wrong", "No check has looked yet", "Open alerts")


def verdict(text: str) -> str:
    """The one of the four verdicts that a status begins with."""
    (found,) = [line for line in WELL if line in text.splitlines()[0]]
    return found


async def test_all_is_well_only_where_every_check_saw_it(room: Room) -> None:
    assert verdict(await room.read("status")) == "No check has looked yet"
    await room.store.write(lambda tx: saved(tx, well(room)))
    text = await room.read("status")
    assert verdict(text) == "All is well"
    assert text.count("✅") == 1 + len(room.book.runbooks)
    assert "❔" not in text


def saved(tx: Tx, states: list[CheckState]) -> None:
    for state in states:
        tx.checks.save(state)


def well(room: Room) -> list[CheckState]:
    """Every check has just seen that all is well; what it saw is of no matter here."""
    return [scene.state(name, Status.OK) for name in room.book.runbooks]


@pytest.mark.parametrize(
    ("change", "shown"),
    [
        pytest.param({"status": Status.UNKNOWN}, "❔ <b>API keys</b>", id="blind"),
        pytest.param({"status": Status.UNKNOWN, "idle": True}, "💤 <b>API keys</b>", id="idle"),
        pytest.param(
            {"round_at": NOON - timedelta(minutes=17)},
            "❔ <b>API keys</b>: no round since 14:43",
            id="overdue",
        ),
    ],
)
async def test_one_check_that_does_not_see_takes_the_green_away(
    room: Room, change: dict[str, Any], shown: str
) -> None:
    states = well(room)
    at = next(n for n, one in enumerate(states) if one.name == "check_token_expiry")
    states[at] = replace(states[at], **change)
    await room.store.write(lambda tx: saved(tx, states))
    text = await room.read("status")
    assert verdict(text) == "Nothing is known to be wrong"
    assert shown in text
    assert text.count("✅") == len(states) - 1


async def test_no_open_alert_is_good_news_only_from_checks_that_see(room: Room) -> None:
    assert (await room.read("alerts")).startswith("❔ <b>No alert is open.</b>")
    await room.store.write(lambda tx: saved(tx, well(room)))
    assert await room.read("alerts") == "✅ <b>No alert is open.</b>"


async def test_a_line_from_before_an_update_hides_no_other(
    room: Room, caplog: pytest.LogCaptureFixture
) -> None:
    def work(tx: Tx) -> None:
        scene.bad_day(tx)
        older = fires("cash balance", Severity.CRITICAL, a_fact_of_old=1)
        tx.checks.save(scene.state("check_cash_balance_threshold", Status.FIRING, older))
        tx.alerts.add("check_cash_balance_threshold", replace(older, subject="older"), NOON)

    await room.store.write(work)
    status = await room.read("status")
    assert "🔴 <b>Cash balance</b>: seen, but its line could not be written" in status
    assert "🟡 <b>Commission outliers</b>: 1 234" in status
    alerts = await room.read("alerts")
    assert "check_cash_balance_threshold: older" in alerts
    assert "1 234 commissions of OZON" in alerts
    assert {record.levelname for record in caplog.records} == {"ERROR"}


async def test_an_alert_of_a_check_that_is_gone_does_not_spoil_the_morning(room: Room) -> None:
    sick = fires("the old disk", Severity.CRITICAL)
    await room.store.write(lambda tx: tx.alerts.add("check_of_an_older_release", sick, NOON))
    assert "#1 the old disk: no check looks at it any more" in await room.read("brief")


async def test_a_blind_check_gives_its_reason_and_not_its_old_readings(room: Room) -> None:
    await room.store.write(scene.bad_day)
    checks = await room.read("checks")
    assert "is locked by another program" in checks
    assert "500 rows" not in checks


async def test_a_check_with_many_subjects_shows_the_worst_first(room: Room) -> None:
    readings = [ok(f"WB {n}", **scene.RIGHT) for n in range(6)]
    readings.append(fires("OZON", Severity.WARNING, **scene.WRONG))
    many = scene.state("check_commission_outliers", Status.FIRING, *readings)
    await room.store.write(lambda tx: tx.checks.save(many))
    lines = (await room.read("checks")).splitlines()
    at = next(n for n, line in enumerate(lines) if "Commission outliers" in line)
    assert lines[at + 1].startswith("🟡 1 234 commissions of OZON")
    assert lines[at + 5] == "and 3 more"


async def test_a_runbook_that_does_not_exist_gets_the_usage(room: Room) -> None:
    with pytest.raises(WrongArguments) as wrong:
        await room.ask("runbook 99")
    assert wrong.value.why.values["high"] == len(room.book.runbooks)


async def test_one_more_runbook_needs_no_edit_here(room: Room) -> None:
    books = dict(room.book.runbooks)
    number = len(books) + 1
    another = replace(books["check_db_growth"], number=number, name="check_db_growth")
    room.book = replace(room.book, runbooks={**books, "check_another": another})
    assert f"Runbook {number} · Database growth" in await room.read(f"runbook {number}")
    assert sum(len(row) for row in labels(await room.ask("runbook"))) == number


async def test_outliers_have_buttons_only_where_there_is_more(room: Room) -> None:
    room.shop.answers = {"answers/outliers_sums.sql.j2": []}
    page, more = await room.ask("outliers"), [["Notify finance"], ["XLSX", "CSV"]]
    assert labels(page) == [["Notify finance"]]
    assert (await room.read("outliers")) == "❔ No commissions to compare in 7 days."
    room.shop.answers = {
        "answers/outliers_sums.sql.j2": [scene.SUMS[0] | {"outliers": 11}],
        "answers/outliers.sql.j2": scene.outliers(1),
    }
    assert labels(await room.ask("outliers")) == [["Next ▶"], *more]
    assert labels(await room.ask("page 2 outliers 7")) == [["◀ Previous"], *more]
    room.shop.answers = {
        "answers/outliers_sums.sql.j2": [
            scene.SUMS[0] | {"outliers": 0, "judged_rows": 56_789, "at_stake_rub": None}
        ]
    }
    assert (await room.read("outliers 1")) == "✅ No commission is off in 1 day."


async def test_nothing_to_judge_is_no_good_news(room: Room) -> None:
    none_judged = scene.SUMS[0] | {"outliers": 0, "judged_rows": 0}
    room.shop.answers = {"answers/outliers_sums.sql.j2": [none_judged]}
    assert "✅" not in await room.read("outliers")


async def test_the_file_may_be_csv(room: Room) -> None:
    room.shop.answers = {"answers/outliers.sql.j2": scene.outliers(3)}
    page = await room.ask("export csv outliers 30")
    assert page.table is not None
    assert page.table.sheet is Sheet.CSV
    assert page.table.name == "outliers-30-2026-11-23"


async def test_without_any_balance_the_reason_is_said(room: Room) -> None:
    with pytest.raises(Unreadable) as unreadable:
        await room.ask("cash")
    assert unreadable.value.why.key == "cash_no_balance"


def test_two_balances_of_one_day_are_refused() -> None:
    row: Row = {"day": "2026-11-22", "balance_rub": 1.0}
    with pytest.raises(Unreadable):
        by_day([row, row], [])


@pytest.mark.parametrize(
    ("number", "total", "shown", "count"),
    [(1, 0, 1, 1), (1, 10, 1, 1), (1, 11, 1, 2), (2, 11, 2, 2), (3, 11, 2, 2), (9**9, 1, 1, 1)],
)
def test_pages(number: int, total: int, shown: int, count: int) -> None:
    page = turn(number, total=total, size=10)
    assert (page.number, page.count) == (shown, count)


def test_pages_lead_to_those_beside_them_whichever_way_they_are_asked_for() -> None:
    first, second = turn(1, total=20, size=10), turn(2, total=20, size=10)
    assert first.keys("history 30 *") == [Key("Next ▶", Verb.ASK, "history 30 * 2")]
    assert second.keys("alerts") == [Key("◀ Previous", Verb.ASK, "alerts 1")]
    assert first.keys_through("rules WB 90%") == [Key("Next ▶", Verb.ASK, "page 2 rules WB 90%")]
    assert turn(1, total=10, size=10).keys("alerts") == []


def test_commands_are_found_by_their_files() -> None:
    names = list(bot.questions.load())
    assert names[:6] == ["status", "brief", "checks", "alerts", "alert", "history"]
    assert names[-3:] == ["help", "whoami", "start"]
    places = [one.place for one in bot.questions.load().values()]
    assert places == sorted(places)


def test_every_command_is_documented_with_its_usage() -> None:
    text = DOCS.read_text("utf-8")
    for command in bot.questions.load().values():
        assert f"`{command.usage}`" in text


async def test_a_check_of_another_release_stops_no_answer(room: Room) -> None:
    def leave(tx: Tx) -> None:
        scene.bad_day(tx)
        gone = fires("old thing", Severity.CRITICAL)
        tx.alerts.add("check_gone", gone, NOON)
        tx.silences.add(
            Silence(
                id=0,
                check="check_gone",
                subject=None,
                severity=Severity.WARNING,
                by_name="Ann",
                why="",
                created_at=NOON,
                until=NOON + timedelta(days=1),
            )
        )

    await room.store.write(leave)
    for question in ("brief", "alerts", "history", "silences", "status"):
        assert "old thing" in await room.read(question) or question in {"silences", "status"}
    assert "check_gone" in await room.read("silences")
    [silence] = await room.store.read(
        lambda tx: [one for one in tx.silences.active(NOON) if one.check == "check_gone"]
    )
    assert "check_gone" in await room.ordered(f"unsilence S{silence.id}")
    alert = await room.store.read(lambda tx: tx.alerts.open("check_gone")[0])
    assert "old thing" in await room.ordered(f"resolve {alert.id}")
    assert await room.store.read(lambda tx: tx.alerts.open("check_gone")) == []
