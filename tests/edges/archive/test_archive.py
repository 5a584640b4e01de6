"""Old sales into a file and back, on a real SQLite file."""

import asyncio
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from bot.core.job import Stop, Stopped
from bot.core.model import Facts
from bot.core.runbook import ActionFailed
from bot.edges.archive import files
from tests.edges.archive.helpers import (
    BEFORE,
    NAME,
    TEMPLATES,
    archive,
    checksum,
    execute,
    lines_in,
    lines_of,
    shop,
    watched,
)
from tests.remediations.fakes import JOB

OLD = f"d < '{BEFORE}'"


def words(failed: pytest.ExceptionInfo[ActionFailed]) -> str:
    return TEMPLATES.say_plain(failed.value.why)


@pytest.mark.parametrize("wal", [True, False])
async def test_all_old_rows_go_into_the_file_and_come_back_as_they_were(
    tmp_path: Path, *, wal: bool
) -> None:
    file, folder = shop(tmp_path / "shop.db", wal=wal), tmp_path / "deep" / "archive"
    all_rows, old = lines_of(file), lines_of(file, OLD)
    box = archive(file, folder)
    written = await box.export(NAME, BEFORE, JOB)
    assert lines_of(file) == all_rows  # nothing is removed before the file is compared
    assert lines_in(folder) == old
    assert written["rows"] == len(old) == 1460
    assert await box.remove(NAME, JOB) == {"removed": 1460, "changed": 0}
    assert lines_of(file) == all_rows[1460:]
    assert await box.restore(NAME, JOB) == {"added": 1460, "there": 0, "kept": 0, "rows": 1460}
    assert lines_of(file) == all_rows
    await box.close()


async def test_the_file_says_what_it_is_and_its_checksum_is_the_one_people_can_make(
    tmp_path: Path,
) -> None:
    file, folder = shop(tmp_path / "shop.db"), tmp_path / "archive"
    box = archive(file, folder)
    await box.export(NAME, BEFORE, JOB)
    with files.reading(folder / f"{NAME}.jsonl.gz") as (header, _):
        assert header.table == "daily_sales"
        assert header.columns[:2] == ["id", "d"]
        assert (header.first, header.before) == ("2026-01-01", BEFORE)
        assert header.shop == "shop.db"
    manifest = files.load(folder / f"{NAME}.json")
    assert manifest is not None
    assert manifest.rows_sha256 == checksum(lines_of(file, OLD))
    assert manifest.sha256 == files.digest(folder / manifest.file)
    modes = {path.name: path.stat().st_mode & 0o777 for path in folder.iterdir()}
    assert modes == {f"{NAME}.jsonl.gz": 0o600, f"{NAME}.json": 0o600}
    assert folder.stat().st_mode & 0o777 == 0o700


async def test_people_can_read_the_file_with_zcat(tmp_path: Path) -> None:
    file, folder = shop(tmp_path / "shop.db", rows=300), tmp_path / "archive"
    await archive(file, folder).export(NAME, BEFORE, JOB)
    process = await asyncio.create_subprocess_exec(
        "gzip", "-dc", str(folder / f"{NAME}.jsonl.gz"), stdout=asyncio.subprocess.PIPE
    )
    text, _ = await process.communicate()
    assert text.splitlines(keepends=True)[1:] == lines_of(file, OLD)


async def test_what_changed_came_or_went_after_the_export_is_not_removed(tmp_path: Path) -> None:
    file, folder = shop(tmp_path / "shop.db"), tmp_path / "archive"
    box = archive(file, folder)
    await box.export(NAME, BEFORE, JOB)
    execute(file, "UPDATE daily_sales SET qty = 99 WHERE id IN (7, 8)")
    execute(file, "DELETE FROM daily_sales WHERE id = 9")
    execute(
        file,
        "INSERT INTO daily_sales (d, sku_id, warehouse_id, qty, revenue_gross)"
        " VALUES ('2026-02-01', 777, 1, 1, 1)",
    )
    late = lines_of(file, f"{OLD} AND (qty = 99 OR sku_id = 777)")
    assert await box.remove(NAME, JOB) == {"removed": 1457, "changed": 2}
    assert lines_of(file, OLD) == late
    outcome = await box.restore(NAME, JOB)
    assert outcome == {"added": 1458, "there": 0, "kept": 2, "rows": 1460}
    assert set(late) <= set(lines_of(file, OLD))  # nothing was written over


async def test_a_day_collected_again_keeps_its_place(tmp_path: Path) -> None:
    file, folder = shop(tmp_path / "shop.db"), tmp_path / "archive"
    box = archive(file, folder)
    await box.export(NAME, BEFORE, JOB)
    await box.remove(NAME, JOB)
    execute(
        file,
        "INSERT INTO daily_sales (d, sku_id, warehouse_id, qty, revenue_gross)"
        " VALUES ('2026-02-01', 3, 1, 5, 5)",
    )
    outcome = await box.restore(NAME, JOB)
    assert (outcome["added"], outcome["kept"]) == (1459, 1)
    assert len(lines_of(file, "d = '2026-02-01' AND sku_id = 3 AND qty = 5")) == 1
    assert (await box.restore(NAME, JOB))["there"] == 1459  # again: nothing doubled


async def test_rows_that_change_while_it_writes_make_no_file(tmp_path: Path) -> None:
    file, folder = shop(tmp_path / "shop.db"), tmp_path / "archive"
    told: list[Facts] = []

    async def change(facts: Facts) -> None:
        told.append(facts)
        if facts["phase"] == "archive_compares" and facts["done"] == 0:
            await asyncio.to_thread(
                execute, file, "UPDATE daily_sales SET qty = 99 WHERE id = 500"
            )

    with pytest.raises(ActionFailed) as failed:
        await archive(file, folder).export(NAME, BEFORE, replace(JOB, progress=change))
    assert "Nothing was removed" in words(failed)
    assert list(folder.iterdir()) == []
    assert len(lines_of(file)) == 2000


async def test_a_file_that_is_there_is_never_written_over(tmp_path: Path) -> None:
    file, folder = shop(tmp_path / "shop.db"), tmp_path / "archive"
    box = archive(file, folder)
    await box.export(NAME, BEFORE, JOB)
    before = (folder / f"{NAME}.jsonl.gz").read_bytes()
    execute(file, "DELETE FROM daily_sales WHERE id < 100")
    assert (await box.export(NAME, BEFORE, JOB))["rows"] == 1460
    assert (folder / f"{NAME}.jsonl.gz").read_bytes() == before
    (folder / f"{NAME}.json").unlink()  # of a stranger's file nothing is believed
    with pytest.raises(ActionFailed) as failed:
        await box.export(NAME, BEFORE, JOB)
    assert "no archive" in words(failed)


@pytest.mark.parametrize("harm", ["flip", "cut", "gone"])
async def test_a_damaged_file_removes_and_restores_nothing(tmp_path: Path, harm: str) -> None:
    file, folder = shop(tmp_path / "shop.db"), tmp_path / "archive"
    box = archive(file, folder)
    await box.export(NAME, BEFORE, JOB)
    path = folder / f"{NAME}.jsonl.gz"
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.unlink()
    if harm != "gone":
        path.write_bytes(content if harm == "flip" else content[: len(content) // 2])
    for work in (box.remove, box.restore):
        with pytest.raises(ActionFailed):
            await work(NAME, JOB)
    assert len(lines_of(file)) == 2000
    [shown] = (await box.shelf()).files
    assert shown.whole is False


@pytest.mark.parametrize("name", ["../shop", "/etc/passwd", "a.b", "", ".hidden"])
async def test_a_name_leads_nowhere_else(tmp_path: Path, name: str) -> None:
    box = archive(shop(tmp_path / "shop.db", rows=10), tmp_path / "archive")
    for work in (box.remove(name, JOB), box.restore(name, JOB), box.look(name)):
        with pytest.raises(ActionFailed):
            await work


@pytest.mark.parametrize("phase", ["archive_writes", "archive_compares", "archive_removes"])
async def test_a_stop_is_between_two_batches_and_it_can_go_on(tmp_path: Path, phase: str) -> None:
    file, folder = shop(tmp_path / "shop.db"), tmp_path / "archive"
    all_rows, stop = lines_of(file), Stop()

    async def ask(facts: Facts) -> None:
        if facts["phase"] == phase and facts["done"] == 300:
            stop.ask()

    async def whole(job: object) -> Facts:
        await box.export(NAME, BEFORE, job)  # type: ignore[arg-type]  # a job
        return await box.remove(NAME, job)  # type: ignore[arg-type]  # a job

    box = archive(file, folder)
    with pytest.raises(Stopped) as stopped:
        await whole(replace(JOB, progress=ask, stop=stop))
    assert stopped.value.done["phase"] == phase
    gone = 300 if phase == "archive_removes" else 0
    assert len(lines_of(file)) == 2000 - gone
    assert await whole(JOB) == {"removed": 1460 - gone, "changed": 0}
    assert lines_in(folder) + lines_of(file) == all_rows


async def test_a_restore_that_was_stopped_goes_on(tmp_path: Path) -> None:
    file, folder = shop(tmp_path / "shop.db"), tmp_path / "archive"
    all_rows, stop, box = lines_of(file), Stop(), archive(file, folder)
    await box.export(NAME, BEFORE, JOB)
    await box.remove(NAME, JOB)

    async def ask(facts: Facts) -> None:
        if facts["done"] == 500:
            stop.ask()

    with pytest.raises(Stopped) as stopped:
        await box.restore(NAME, replace(JOB, progress=ask, stop=stop))
    assert stopped.value.done["added"] == 500
    assert await box.restore(NAME, JOB) == {"added": 960, "there": 500, "kept": 0, "rows": 1460}
    assert lines_of(file) == all_rows


async def test_progress_is_told_in_each_phase(tmp_path: Path) -> None:
    file, folder, told = shop(tmp_path / "shop.db"), tmp_path / "archive", list[Facts]()
    box, job = archive(file, folder), watched(told)
    await box.export(NAME, BEFORE, job)
    await box.remove(NAME, job)
    assert [one for one in told if one["done"] == 700] == [
        {"phase": phase, "done": 700, "total": 1460}
        for phase in ("archive_writes", "archive_compares", "archive_removes")
    ]


async def test_writers_get_in_as_long_as_the_lock_was_held(tmp_path: Path) -> None:
    rests: list[float] = []
    box = archive(shop(tmp_path / "shop.db"), tmp_path / "archive", rest=rests.append)
    await box.export(NAME, BEFORE, JOB)
    assert rests == []  # reading keeps nobody out
    await box.remove(NAME, JOB)
    assert len(rests) == 15
    assert all(0 < rest <= 1 for rest in rests)


async def test_another_writer_between_two_batches_is_let_through(tmp_path: Path) -> None:
    file = shop(tmp_path / "shop.db")

    def write(_seconds: float) -> None:
        with closing(sqlite3.connect(file, timeout=0)) as other:
            other.execute("UPDATE daily_sales SET qty = qty + 1 WHERE id = 2000")
            other.commit()

    box = archive(file, tmp_path / "archive", rest=write)
    await box.export(NAME, BEFORE, JOB)
    assert (await box.remove(NAME, JOB))["removed"] == 1460


async def test_a_locked_database_is_said_and_nothing_is_half_done(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.edges.archive.sqlite_rows.BUSY_SECONDS", 0.05)
    file = shop(tmp_path / "shop.db")
    box = archive(file, tmp_path / "archive")
    await box.export(NAME, BEFORE, JOB)
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(ActionFailed) as failed:
            await box.remove(NAME, JOB)
    assert "locked" in words(failed)
    assert len(lines_of(file)) == 2000


async def test_a_trigger_that_keeps_rows_back_stops_it(tmp_path: Path) -> None:
    """The count of a batch is compared with what was to go."""
    file = shop(tmp_path / "shop.db")
    execute(
        file,
        "CREATE TRIGGER keep BEFORE DELETE ON daily_sales WHEN old.id = 350"
        " BEGIN SELECT RAISE(IGNORE); END",
    )
    box = archive(file, tmp_path / "archive")
    await box.export(NAME, BEFORE, JOB)
    with pytest.raises(ActionFailed) as failed:
        await box.remove(NAME, JOB)
    assert "100 expected, 99 found" in words(failed)
    assert len(lines_of(file)) == 1700  # three batches are gone, the fourth is whole


async def test_rows_come_back_into_a_table_that_has_grown_a_column(tmp_path: Path) -> None:
    file = shop(tmp_path / "shop.db")
    box = archive(file, tmp_path / "archive")
    await box.export(NAME, BEFORE, JOB)
    await box.remove(NAME, JOB)
    execute(file, "ALTER TABLE daily_sales ADD COLUMN note TEXT DEFAULT 'x'")
    assert (await box.restore(NAME, JOB))["added"] == 1460
    assert len(lines_of(file, f"{OLD} AND note = 'x'")) == 1460


async def test_a_table_that_lost_a_column_is_named(tmp_path: Path) -> None:
    file = shop(tmp_path / "shop.db")
    box = archive(file, tmp_path / "archive")
    await box.export(NAME, BEFORE, JOB)
    await box.remove(NAME, JOB)
    execute(file, "ALTER TABLE daily_sales DROP COLUMN channel")
    with pytest.raises(ActionFailed) as failed:
        await box.restore(NAME, JOB)
    assert "no channel any more" in words(failed)
    assert len(lines_of(file)) == 540


async def test_the_outlook_counts_and_measures(tmp_path: Path) -> None:
    box = archive(shop(tmp_path / "shop.db"), tmp_path / "not" / "yet")
    facts = await box.outlook(NAME, BEFORE)
    assert (facts["rows"], facts["stay"]) == (1460, 540)
    assert (facts["first"], facts["last"]) == ("2026-01-01", "2026-05-26")
    assert not (tmp_path / "not").exists()  # a look makes nothing
    await box.export(NAME, BEFORE, JOB)
    real = (tmp_path / "not" / "yet" / f"{NAME}.jsonl.gz").stat().st_size
    guess = facts["file_bytes"]
    assert isinstance(guess, int)
    assert real <= guess <= real * 2
    assert (await box.outlook(NAME, BEFORE))["finished"] is True


async def test_the_shelf_shows_finished_and_unfinished_files(tmp_path: Path) -> None:
    folder = tmp_path / "archive"
    box = archive(shop(tmp_path / "shop.db"), folder)
    assert not (await box.shelf()).files
    await box.export(NAME, BEFORE, JOB)
    (folder / "x.jsonl.gz.part").write_bytes(b"1234")
    shelf = await box.shelf()
    assert [(one.name, one.rows, one.whole) for one in shelf.files] == [(NAME, 1460, True)]
    assert (shelf.unfinished, shelf.unfinished_bytes) == (["x.jsonl.gz.part"], 4)


async def test_reading_takes_an_index_and_no_sort(tmp_path: Path) -> None:
    file = shop(tmp_path / "shop.db", rows=10)
    statement = TEMPLATES.sql("archive/batch.sql.j2", dialect="sqlite")
    binds = {"day": "", "id": 0, "before": BEFORE, "most": 5}
    with closing(sqlite3.connect(file)) as connection:
        plan = [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {statement}", binds)]
    assert plan == ["SEARCH s USING INDEX ix_daily_sales_d (d>? AND d<?)"]
