"""Restore: two admins, a file that is whole, and room for it."""

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from bot.core.model import Role
from bot.core.runbook import ActionFailed, Guard, Refused
from bot.remediations.remediate_restore_archive import remediation
from tests.edges.archive.helpers import BEFORE, NAME, lines_of
from tests.remediations.fakes import JOB
from tests.remediations.test_remediate_archive import real

WANTED = replace(JOB, args={"file": NAME})


def test_it_needs_two_admins() -> None:
    assert (remediation().role, remediation().guard) == (Role.ADMIN, Guard.TWO_PEOPLE)


async def test_what_was_archived_comes_back(tmp_path: Path) -> None:
    at = real(tmp_path)
    rows = lines_of(tmp_path / "shop.db")
    await at.archive.export(NAME, BEFORE, JOB)
    await at.archive.remove(NAME, JOB)
    before = await remediation().preflight(at, WANTED)
    assert not isinstance(before, Refused)
    assert (before["rows"], before["last"]) == (1460, "2026-05-26")
    job = replace(WANTED, before=before)
    after = await remediation().act(at, job)
    verify = remediation().verify
    assert verify is not None
    assert await verify(at, job, after) == {"in_table": 1460}
    assert lines_of(tmp_path / "shop.db") == rows


async def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ActionFailed):
        await remediation().preflight(real(tmp_path, rows=10), WANTED)


async def test_without_room_it_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    at = real(tmp_path)
    await at.archive.export(NAME, BEFORE, JOB)
    monkeypatch.setattr("bot.remediations._archive.BYTES_OF_A_ROW", 10**15)
    found = await remediation().preflight(at, WANTED)
    assert isinstance(found, Refused)
    assert found.why.key == "archive_no_room_beside"


async def test_pages_that_the_archive_left_free_need_no_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = real(tmp_path)
    await at.archive.export(NAME, BEFORE, JOB)
    await at.archive.remove(NAME, JOB)
    size = await at.shop.size()
    assert size.free_bytes
    monkeypatch.setattr("bot.remediations._archive.BYTES_OF_A_ROW", size.free_bytes / 1460)
    monkeypatch.setattr("bot.remediations._archive.BESIDE_BYTES", 0)
    full = SimpleNamespace(total=1, used=1, free=0)
    monkeypatch.setattr("shutil.disk_usage", lambda _: full)
    assert not isinstance(await remediation().preflight(at, WANTED), Refused)
