from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.core.machine import LogLine, LogLines
from bot.core.model import Unreadable, phrase
from bot.doctor import logs
from tests.doctor.patient import SECRETS, case, told

TALKS = LogLines(unit="a", lines=[LogLine(at=datetime(2026, 11, 23, tzinfo=UTC), text="x")])
SILENT = LogLines(unit="b", lines=[])


@pytest.mark.parametrize(
    ("seen", "verdict", "said", "mend"),
    [
        ([TALKS, TALKS, SILENT], "ok", "2 of 3 services have written in 24 h", ""),
        ([SILENT] * 3, "warning", "0 of 3 services", "journald"),
        ([Unreadable(phrase("journal_denied"))] * 3, "broken", "systemd-journal", "usermod"),
        ([TALKS, Unreadable(phrase("journal_none"))], "broken", "no journal", "SERVICE_MANAGER"),
    ],
)
def test_one_line_says_whether_logs_can_be_read(
    seen: list[logs.Seen], verdict: str, said: str, mend: str
) -> None:
    line = told(logs.judge(seen))
    assert line[1] == verdict
    assert said in line[2]
    assert mend in line[3]


async def test_without_a_manager_it_is_skipped(tmp_path: Path) -> None:
    [result] = await logs.examine(case(tmp_path))
    assert told(result)[1] == "skipped"


async def test_a_supervisor_that_nobody_answers_at(tmp_path: Path) -> None:
    changes = {"service_manager": "supervisor", "supervisor_url": SECRETS["supervisor_url"]}
    [result] = await logs.examine(case(tmp_path, **changes))
    assert told(result)[1] == "broken"
    assert "planted" not in str(result)
