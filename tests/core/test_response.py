"""Who answered how fast, from the rows of history."""

from datetime import timedelta
from typing import Any

import pytest

from bot.core.records import HistoryEntry
from bot.core.response import Tally, Times, tally
from tests.conftest import NOON

BOT = "SoVAni Ops"


def row(minute: float, event: str, who: str = BOT, alert: int = 1, **values: Any) -> HistoryEntry:  # noqa: ANN401  # a test's own
    at = NOON + timedelta(minutes=minute)
    return HistoryEntry(alert_id=alert, at=at, who=who, event=event, values=values)


OPENED = row(0, "opened", severity="error")


def counts(found: Tally) -> tuple[int, int, int]:
    return found.waiting, found.healed, found.silenced


def test_an_answer_is_counted_for_its_person_and_severity() -> None:
    rows = [
        OPENED,
        row(0, "opened", alert=2, severity="warning"),
        row(3, "acknowledged", "Ann"),
        row(9, "asked", "Ann", 2, action="Run VACUUM"),
    ]
    found = tally(rows)
    assert found.people == [Times("Ann", 2, 6 * 60, 9 * 60)]
    assert [(one.name, one.worst) for one in found.severities] == [
        ("error", 180),
        ("warning", 540),
    ]
    assert counts(found) == (0, 0, 0)


def test_only_the_first_answer_of_an_episode_counts() -> None:
    rows = [OPENED, row(3, "asked", "Ann"), row(5, "acknowledged", "Boris"), row(9, "resolved")]
    assert [one.name for one in tally(rows).people] == ["Ann"]


@pytest.mark.parametrize(
    ("rows", "waiting_healed_silenced"),
    [
        ([OPENED], (1, 0, 0)),
        ([OPENED, row(1, "resolved")], (0, 1, 0)),
        ([OPENED, row(1, "silenced", "Ann")], (0, 0, 1)),
        ([OPENED, row(1, "silenced", "Ann"), row(2, "resolved")], (0, 0, 1)),
        ([OPENED, row(1, "inhibited", by=2)], (0, 0, 0)),
        ([row(0, "opened", severity="info")], (0, 0, 0)),
        ([OPENED, row(1, "requested"), row(2, "reminded"), row(3, "note", "Ann")], (1, 0, 0)),
        ([OPENED, row(1, "acknowledged", "Ann"), row(2, "given_back", "Ann")], (1, 0, 0)),
        ([row(5, "acknowledged", "Ann")], (0, 0, 0)),  # it opened before the days asked for
    ],
)
def test_what_nobody_answered(
    rows: list[HistoryEntry], waiting_healed_silenced: tuple[int, int, int]
) -> None:
    assert counts(tally(rows)) == waiting_healed_silenced


def test_a_rising_severity_a_new_episode_and_giving_back_start_the_clock_anew() -> None:
    worse = row(20, "severity", frm="error", to="critical")
    milder = row(21, "severity", frm="critical", to="error")
    found = tally([OPENED, worse, milder, row(22, "acknowledged", "Ann")])
    assert found.severities == [Times("critical", 1, 120, 120)]
    again = [OPENED, row(1, "resolved"), row(30, "reopened"), row(31, "acknowledged", "Ann")]
    assert tally(again).people == [Times("Ann", 1, 60, 60)]
    back = [OPENED, row(1, "acknowledged", "Ann"), row(9, "given_back", "Ann")]
    found = tally([*back, row(10, "acknowledged", "Boris")])
    assert {one.name: one.worst for one in found.people} == {"Ann": 60, "Boris": 60}


def test_people_are_told_apart_by_number_and_called_by_their_latest_name() -> None:
    def answer(minute: float, who: str, user: int, alert: int) -> list[HistoryEntry]:
        begun = row(minute - 1, "opened", alert=alert, severity="error")
        return [begun, row(minute, "acknowledged", who, alert, user=user)]

    rows = [
        *answer(5, "Anna K.", 7, 2),
        *answer(2, "Ann", 7, 1),  # the row of an older alert comes later: each alert's own order
        *answer(3, "Ann", 8, 3),
        row(6, "note", "Anna Karenina", 2, user=7),
    ]
    people = tally(rows).people
    assert [(one.name, one.count) for one in people] == [("Anna Karenina", 2), ("Ann", 1)]


def test_a_clock_that_went_back_makes_no_answer_faster_than_none() -> None:
    assert tally([OPENED, row(-5, "acknowledged", "Ann")]).people == [Times("Ann", 1, 0, 0)]
