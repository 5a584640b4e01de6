"""A backup is whole, and taking it back loses nothing."""

import errno
import os
import sqlite3
import stat
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.commands.upkeep import make_backup, take_back
from bot.commands.words import words
from bot.core.model import Phrase, phrase
from bot.edges.naming import give_name
from bot.edges.single import SingleInstance
from bot.edges.store import SqlStore
from bot.edges.store.backup import KEPT, BackupError, back_up, before_upgrade

NOW = datetime(2026, 11, 25, 21, 30, tzinfo=UTC)


async def remembering(path: Path, value: str) -> SqlStore:
    store = await SqlStore.open(path)
    await store.write(lambda tx: tx.remember("word", value, NOW))
    return store


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def names(folder: Path, pattern: str = "*") -> list[str]:
    return sorted(one.name for one in folder.glob(pattern))


async def recalled(path: Path) -> object:
    store = await SqlStore.open(path)
    found = await store.read(lambda tx: tx.recall("word"))
    await store.close()
    return found


async def test_a_running_assistants_tables_are_copied_whole(tmp_path: Path) -> None:
    state = tmp_path / "state.db"
    store = await remembering(state, "before")
    line = words(make_backup(state, None, NOW))
    await store.write(lambda tx: tx.remember("word", "after", NOW))
    await store.close()
    copy = tmp_path / "backups/state-20261125-213000.db"
    assert line.startswith(f"{copy}: ")
    assert await recalled(copy) == "before"
    assert await recalled(state) == "after"
    assert mode(copy) == 0o600


async def test_a_backup_never_writes_over_a_file(tmp_path: Path) -> None:
    state, target = tmp_path / "state.db", tmp_path / "precious.txt"
    await (await remembering(state, "x")).close()
    target.write_text("mine")
    with pytest.raises(BackupError, match="backup_exists"):
        back_up(state, target)
    assert target.read_text() == "mine"
    assert names(tmp_path) == ["precious.txt", "state.db"]


async def test_a_disk_without_hard_links_takes_a_backup_and_gives_it_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Such as a share of another machine, or a stick."""

    def refuse(_part: Path, _file: Path) -> None:
        raise OSError(errno.EPERM, os.strerror(errno.EPERM))

    monkeypatch.setattr(os, "link", refuse)
    state, copy = tmp_path / "state.db", tmp_path / "share/copy.db"
    store = await remembering(state, "before")
    back_up(state, copy)
    await store.write(lambda tx: tx.remember("word", "after", NOW))
    await store.close()
    with pytest.raises(BackupError, match="backup_exists"):
        back_up(state, copy)
    take_back(copy, state, NOW)
    assert await recalled(state) == "before"
    assert names(copy.parent) == ["copy.db"]


def test_a_file_that_appeared_meanwhile_is_not_written_over(tmp_path: Path) -> None:
    part, file = tmp_path / "part", tmp_path / "file"
    part.write_text("new")
    file.write_text("mine")
    with pytest.raises(FileExistsError):
        give_name(part, file)
    assert (part.read_text(), file.read_text()) == ("new", "mine")


def test_a_backup_of_nothing_is_refused_and_makes_nothing(tmp_path: Path) -> None:
    with pytest.raises(BackupError, match="backup_nothing"):
        make_backup(tmp_path / "state.db", tmp_path / "copy.db", NOW)
    assert list(tmp_path.iterdir()) == []


async def test_a_restore_brings_back_and_keeps_what_was_there(tmp_path: Path) -> None:
    state = tmp_path / "state.db"
    store = await remembering(state, "old")
    make_backup(state, tmp_path / "copy.db", NOW)
    await store.write(lambda tx: tx.remember("word", "new", NOW))
    await store.close()
    line = words(take_back(tmp_path / "copy.db", state, NOW))
    assert "state.db.before-restore-20261125-213000" in line
    assert await recalled(state) == "old"
    assert await recalled(tmp_path / "state.db.before-restore-20261125-213000") == "new"
    assert await recalled(tmp_path / "copy.db") == "old"


@pytest.mark.parametrize("sick", [b"no database at all", None], ids=["garbage", "torn pages"])
async def test_a_restore_takes_the_place_of_damaged_tables_and_keeps_them_too(
    tmp_path: Path, sick: bytes | None
) -> None:
    """That is what backups are for."""
    state, copy = tmp_path / "state.db", tmp_path / "copy.db"
    await (await remembering(state, "before")).close()
    back_up(state, copy)
    whole = state.read_bytes()
    page = 4096
    damaged = sick or whole[: 3 * page] + b"\xee" * 3 * page + whole[6 * page :]
    state.write_bytes(damaged)
    state.with_name("state.db-wal").write_bytes(b"left by a power cut")
    take_back(copy, state, NOW)
    assert await recalled(state) == "before"
    kept = "state.db.before-restore-20261125-213000"
    assert (tmp_path / kept).read_bytes() == damaged
    assert (tmp_path / f"{kept}-wal").read_bytes() == b"left by a power cut"


async def test_a_restore_is_refused_while_the_assistant_runs(tmp_path: Path) -> None:
    state = tmp_path / "state.db"
    await (await remembering(state, "mine")).close()
    back_up(state, tmp_path / "copy.db")
    with SingleInstance(state), pytest.raises(BackupError, match=f"'pid': '{os.getpid()}'"):
        take_back(tmp_path / "copy.db", state, NOW)
    assert await recalled(state) == "mine"


@pytest.mark.parametrize("content", [b"", b"not a database", b"SQLite format 3\0" + b"x" * 5000])
async def test_what_is_no_backup_is_refused(tmp_path: Path, content: bytes) -> None:
    state, wrong = tmp_path / "state.db", tmp_path / "wrong.db"
    await (await remembering(state, "mine")).close()
    wrong.write_bytes(content)
    with pytest.raises(BackupError, match="restore_no_backup"):
        take_back(wrong, state, NOW)
    assert await recalled(state) == "mine"


async def test_a_backup_of_a_newer_release_is_refused(tmp_path: Path) -> None:
    state = tmp_path / "state.db"
    await (await remembering(state, "mine")).close()
    back_up(state, tmp_path / "copy.db")
    with closing(sqlite3.connect(tmp_path / "copy.db")) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
        connection.commit()
    with pytest.raises(BackupError, match="restore_newer"):
        take_back(tmp_path / "copy.db", state, NOW)


async def test_only_the_newest_copies_of_upgrades_are_kept(tmp_path: Path) -> None:
    state = tmp_path / "state.db"
    await (await remembering(state, "x")).close()
    with closing(sqlite3.connect(state)) as connection:
        for number in range(KEPT + 2):
            before_upgrade(connection, state, f"000{number}")
            os.utime(tmp_path / f"state.db.before-upgrade-from-000{number}", (number, number))
    assert len(names(tmp_path, "state.db.before-upgrade-*")) <= KEPT + 1


async def test_a_second_upgrade_from_a_release_keeps_what_came_since_the_first(
    tmp_path: Path,
) -> None:
    state = tmp_path / "state.db"
    for word in ("first", "second"):
        await (await remembering(state, word)).close()
        with closing(sqlite3.connect(state)) as connection:
            before_upgrade(connection, state, "0005")
    assert names(tmp_path, "*before-upgrade*") == ["state.db.before-upgrade-from-0005"]
    assert await recalled(tmp_path / "state.db.before-upgrade-from-0005") == "second"


@pytest.mark.parametrize(
    ("said", "line"),
    [
        (
            phrase("backup_made", path="/b/copy.db", bytes=1_234_567),
            "/b/copy.db: 1.2 MB, checked",
        ),
        (
            phrase("restore_done", path="state.db", copy="c.db", kept="k.db"),
            "state.db is what c.db was; the tables of before are k.db. Start the assistant again.",
        ),
        (
            phrase("restore_done", path="state.db", copy="c.db", kept=None),
            "state.db is what c.db was. Start the assistant again.",
        ),
        (
            phrase("restore_newer", path="c.db", version=None),
            "c.db is of a newer release (version none): install that release first.",
        ),
        (
            phrase("backup_not_read", path="\x1b[2J<b>&", error="disk I/O error"),
            "[2J<b>& cannot be read: disk I/O error.",
        ),
    ],
)
def test_what_a_terminal_is_told(said: Phrase, line: str) -> None:
    assert words(said) == line
