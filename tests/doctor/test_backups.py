import os
from datetime import timedelta
from pathlib import Path

import pytest

from bot.doctor import backups
from tests.doctor.patient import NOON, case, told


@pytest.mark.parametrize(("days", "verdict"), [(0.5, "ok"), (2.9, "ok"), (3.1, "warning")])
async def test_the_newest_copy_counts(tmp_path: Path, days: float, verdict: str) -> None:
    folder = tmp_path / "backups"
    folder.mkdir()
    (tmp_path / "state.db").touch()
    for name, age in (("state-1.db", days), ("state-2.db", 40), ("other-3.db", 0)):
        (folder / name).touch()
        at = (NOON - timedelta(days=age)).timestamp()
        os.utime(folder / name, (at, at))
    [result] = await backups.examine(case(tmp_path))
    assert told(result)[1] == verdict


async def test_tables_without_a_copy_are_a_warning_and_none_at_all_is_no_fault(
    tmp_path: Path,
) -> None:
    [result] = await backups.examine(case(tmp_path))
    assert told(result)[1] == "skipped"
    (tmp_path / "state.db").touch()
    [result] = await backups.examine(case(tmp_path))
    assert told(result)[1:3] == ("warning", "There is no copy of the assistant's tables.")
    assert "python -m bot backup" in told(result)[3]
