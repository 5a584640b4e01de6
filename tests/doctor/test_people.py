from collections.abc import Collection

import pytest

from bot.doctor import people
from tests.doctor.patient import told


@pytest.mark.parametrize(
    ("admins", "managers", "viewers", "verdict", "seen"),
    [
        ({1}, {2, 3}, (), "ok", "1 admin, 2 managers. May look: 0 viewers."),
        ((), {2}, {4}, "ok", "0 admins, 1 manager. May look: 1 viewer."),
        ((), (), {4}, "broken", "Nobody may answer alerts"),
        ({-1001}, {1087968824}, (), "broken", "Nobody may answer alerts"),
        ({1, -1001}, (), {777000}, "warning", "Not the id of a person: -1001, 777000."),
    ],
)
def test_who_may_act(
    admins: Collection[int],
    managers: Collection[int],
    viewers: Collection[int],
    verdict: str,
    seen: str,
) -> None:
    line = told(people.judge(admins, managers, viewers))
    assert line[1] == verdict
    assert seen in line[2]
