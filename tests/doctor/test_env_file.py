from pathlib import Path

import pytest

from bot.doctor import env_file
from tests.doctor.patient import case, told


@pytest.mark.parametrize(
    ("mode", "verdict"),
    [(0o600, "ok"), (0o640, "ok"), (0o644, "broken"), (0o602, "broken"), (0o777, "broken")],
)
async def test_who_may_read_the_secrets(tmp_path: Path, mode: int, verdict: str) -> None:
    file = tmp_path / ".env"
    file.touch()
    file.chmod(mode)
    [result] = await env_file.examine(case(tmp_path))
    assert told(result)[1] == verdict
    assert f"{mode:04o}" in told(result)[2]
    assert told(result)[3] == ("Run: chmod 640 .env" if verdict == "broken" else "")


async def test_no_file_is_no_fault(tmp_path: Path) -> None:
    [result] = await env_file.examine(case(tmp_path))
    assert told(result)[1] == "skipped"
