"""Archive: what it refuses, the name of its file, and the whole of it on a real shop."""

from dataclasses import replace
from pathlib import Path

import pytest

from bot.core.job import Job
from bot.core.keyboard import of_run
from bot.core.model import Facts, Role
from bot.core.records import Run, RunState
from bot.core.runbook import Guard, Refused
from bot.core.tools import ActionTools
from bot.edges.shop import open_shop
from bot.remediations.remediate_archive import probe, remediation
from bot.remediations.remediate_archive_undo import remediation as undo
from tests.edges.archive.helpers import TEMPLATES, archive, lines_of, shop
from tests.remediations.fakes import JOB, NOW, tools

WANTED = replace(JOB, args={"days": 180})


def real(tmp_path: Path, *, rows: int = 2000) -> ActionTools:
    file = shop(tmp_path / "shop.db", rows=rows)
    box = archive(file, tmp_path / "archive")
    reading = open_shop(f"sqlite:///{file}", sql=TEMPLATES.sql)
    return replace(tools(shop=reading), archive=box)


async def asked(at: ActionTools, job: Job = WANTED) -> Facts:
    facts = await remediation().preflight(at, job)
    assert not isinstance(facts, Refused)
    return facts


def test_it_needs_two_admins_and_the_lock_of_vacuum() -> None:
    action = remediation()
    assert (action.role, action.guard) == (Role.ADMIN, Guard.TWO_PEOPLE)
    assert action.lock({"days": 180}) == undo().lock({}) == "shop database"
    assert (action.params[0].default, action.params[0].low) == (180, 90)


async def test_the_whole_way_there_and_back(tmp_path: Path) -> None:
    at = real(tmp_path)
    rows = lines_of(tmp_path / "shop.db")
    before = await asked(at)
    assert (before["before"], before["rows"]) == ("2026-05-26", 1450)
    job = replace(WANTED, before=before)
    after = await remediation().act(at, job)
    assert (after["rows"], after["removed"], after["changed"]) == (1450, 1450, 0)
    verify = remediation().verify
    assert verify is not None
    assert await verify(at, job, after) == {"left": 0, "stay": 550, "removed": 1450}
    assert len(lines_of(tmp_path / "shop.db")) == 550
    origin = replace(DONE, before=before, after=after)
    back = await undo().preflight(at, replace(JOB, origin=origin))
    assert not isinstance(back, Refused)
    again = replace(JOB, origin=origin, before=back)
    put = await undo().act(at, again)
    assert put["added"] == 1450
    check = undo().verify
    assert check is not None
    assert await check(at, again, put) == {"in_table": 1450}
    assert lines_of(tmp_path / "shop.db") == rows


DONE = Run(
    id=3,
    key="k",
    action="remediate_archive",
    target="shop database",
    state=RunState.SUCCEEDED,
    asked_at=NOW,
    asked_name="Ann",
)


async def test_nothing_that_old_is_a_refusal(tmp_path: Path) -> None:
    found = await remediation().preflight(
        real(tmp_path, rows=10), replace(WANTED, args={"days": 3000})
    )
    assert isinstance(found, Refused)
    assert found.why.key == "archive_nothing"


async def test_without_room_it_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.edges.archive.work.SPARE_BYTES", 10**18)
    found = await remediation().preflight(real(tmp_path), WANTED)
    assert isinstance(found, Refused)
    assert found.why.key == "archive_no_room"


async def test_without_room_beside_the_database_it_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.remediations._archive.BESIDE_BYTES", 10**18)
    found = await remediation().preflight(real(tmp_path), WANTED)
    assert isinstance(found, Refused)
    assert found.why.key == "archive_no_room_beside"


async def test_the_name_is_of_the_decision_and_what_goes_on_keeps_it(tmp_path: Path) -> None:
    at = real(tmp_path)
    first = await asked(at)
    assert (await asked(at))["file"] == first["file"]
    assert (await asked(at, replace(WANTED, key="another")))["file"] != first["file"]
    resumed = replace(WANTED, key="another", origin=replace(DONE, before=first))
    assert (await asked(at, resumed))["file"] == first["file"]


async def test_after_a_crash_it_says_what_is_left(tmp_path: Path) -> None:
    at = real(tmp_path)
    job = replace(WANTED, before=await asked(at))
    assert (await probe(at, job))["finished"] is False
    await at.archive.export(str(job.before["file"]), str(job.before["before"]), job)
    found = await probe(at, job)
    assert (found["finished"], found["rows"]) == (True, 1450)


def test_vacuum_is_offered_after_success_only() -> None:
    action = remediation()
    labels = [key.label for row in of_run(DONE, action) for key in row]
    assert labels == ["Run VACUUM"]
    late = replace(DONE, undo_until=NOW)
    assert [key.label for row in of_run(late, action) for key in row] == ["Undo", "Run VACUUM"]
    assert of_run(replace(DONE, state=RunState.REFUSED), action) == []
