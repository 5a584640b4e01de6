import asyncio
import os
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from bot.doctor import state_database
from bot.doctor.state_database import Sight
from bot.edges.single import SingleInstance
from bot.edges.store import SqlStore
from tests.doctor.patient import case, told
from tests.edges.shop.helpers import names_in


async def examined(folder: Path, **changes: object) -> list[tuple[str, str, str, str]]:
    return [told(one) for one in await state_database.examine(case(folder, **changes))]


@pytest.fixture
async def state(tmp_path: Path) -> Path:
    store = await SqlStore.open(tmp_path / "state.db")
    await store.close()
    return tmp_path / "state.db"


def stamp(path: Path, version: str) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = ?", [version])


async def test_before_the_first_start_nothing_is_made(tmp_path: Path) -> None:
    own, running = await examined(tmp_path, state_database_url=f"sqlite:///{tmp_path}/a/b/s.db")
    assert own[1] == "ok"
    assert "will be made" in own[2]
    assert running[:3] == ("Assistant", "ok", "It is not running on this state database.")
    assert names_in(tmp_path) == []


async def test_one_of_this_release(tmp_path: Path, state: Path) -> None:
    before = names_in(tmp_path)
    own, _ = await examined(tmp_path)
    assert own[1] == "ok"
    assert own[2].startswith(f"{state} is up to date")
    assert names_in(tmp_path) == before


async def test_one_of_a_newer_release_is_broken(tmp_path: Path, state: Path) -> None:
    stamp(state, "9999")
    own, _ = await examined(tmp_path)
    assert own[1] == "broken"
    assert "newer release (version 9999)" in own[2]


def test_an_older_release_is_brought_up_to_date() -> None:
    sight = Sight(path=Path("s.db"), writable=True, version="1", known={"1", "2"}, head="2")
    line = told(state_database.judge(sight))
    assert line[1:3] == ("ok", "s.db has version 1; the next start brings it to 2.")


def test_tables_of_somebody_else_have_no_version() -> None:
    sight = Sight(path=Path("s.db"), writable=True, version="", known={"1"}, head="1")
    assert "has version none" in told(state_database.judge(sight))[2]


def test_a_folder_that_cannot_be_written() -> None:
    sight = Sight(path=Path("a/s.db"), writable=False, version=None, known=(), head="1")
    line = told(state_database.judge(sight))
    assert line[1] == "broken"
    assert "write to a," in line[3]


async def test_a_damaged_file(tmp_path: Path) -> None:
    (tmp_path / "state.db").write_bytes(b"no database" * 500)
    own, _ = await examined(tmp_path)
    assert own[1] == "broken"
    assert "cannot be read as a SQLite database" in own[2]


async def test_a_file_that_is_the_shops(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path)
    own, _ = await examined(tmp_path, state_database_url=f"sqlite:///{tmp_path}/link/shop.db")
    assert own[1] == "broken"
    assert "name the same file" in own[2]


async def test_a_running_assistant_is_named_and_left_alone(tmp_path: Path, state: Path) -> None:
    with SingleInstance(state):
        _, running = await examined(tmp_path)
        assert running[1:3] == ("ok", f"It is running, pid {os.getpid()}.")
        with pytest.raises(RuntimeError), SingleInstance(state):
            pass
    _, running = await examined(tmp_path)
    assert running[2] == "It is not running on this state database."


async def test_the_lock_of_another_account_cannot_be_seen(
    tmp_path: Path, state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    del state

    def closed(_path: Path) -> str | None:
        raise PermissionError

    monkeypatch.setattr(state_database, "holder", closed)
    _, running = await examined(tmp_path)
    assert running[1] == "skipped"


@pytest.mark.parametrize(
    ("folder", "file", "verdict"),
    [
        (0o755, 0o644, "broken"),
        (0o755, 0o602, "broken"),
        (0o755, 0o640, "ok"),
        (0o700, 0o644, "ok"),
    ],
)
def test_who_else_may_read_it(tmp_path: Path, folder: int, file: int, verdict: str) -> None:
    """A folder that nobody else comes into closes what is in it."""
    path = tmp_path / "state.db"
    path.touch()
    path.chmod(file)
    tmp_path.chmod(folder)
    result, *_ = asyncio.run(state_database.examine(case(tmp_path)))
    assert told(result)[1] == verdict
    assert told(result)[3] == (f"Run: chmod 600 {path}" if verdict == "broken" else "")


async def test_the_assistants_own_tables_are_made_for_its_account_only(tmp_path: Path) -> None:
    store = await SqlStore.open(tmp_path / "state.db")
    try:
        modes = {path.name: path.stat().st_mode & 0o777 for path in list_of(tmp_path)}
    finally:
        await store.close()
    assert modes == dict.fromkeys(("state.db", "state.db-shm", "state.db-wal"), 0o600)


def list_of(folder: Path) -> list[Path]:
    return list(folder.iterdir())
