"""Every state a shop's file can be in that is not "readable", and what people are told."""

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from bot.core.model import Source, Unreadable
from tests.edges.shop.helpers import build, names_in, shop_at, words

NOBODY = 65534
SHOP = 64999  # an account that needs no name


async def told(path: Path) -> str:
    """Ask in all three ways; each must come to the same answer."""
    shop, answers = shop_at(path), set()
    for question in (
        shop.rows("SELECT * FROM daily_sales"),
        shop.require({"daily_sales": ["d"]}),
        shop.size(),
    ):
        with pytest.raises(Unreadable) as caught:
            await question
        assert caught.value.source is Source.SHOP_DATABASE
        answers.add(words(caught.value))
    assert len(answers) == 1
    return answers.pop()


async def test_a_missing_file_is_missing_and_stays_so(tmp_path: Path) -> None:
    assert "is not there" in await told(tmp_path / "shop.db")
    assert "is not there" in await told(tmp_path / "no folder" / "shop.db")
    assert names_in(tmp_path) == []


async def test_a_link_to_nowhere_is_missing(tmp_path: Path) -> None:
    (tmp_path / "shop.db").symlink_to(tmp_path / "gone.db")
    assert "is not there" in await told(tmp_path / "shop.db")


async def test_a_folder_is_no_file(tmp_path: Path) -> None:
    assert "is a folder" in await told(tmp_path)


async def test_an_empty_file_is_not_an_empty_shop(tmp_path: Path) -> None:
    (tmp_path / "shop.db").touch()
    assert "0 bytes" in await told(tmp_path / "shop.db")


async def test_a_database_without_tables_is_probably_the_wrong_one(tmp_path: Path) -> None:
    file = build(tmp_path / "shop.db", "CREATE TABLE t (a); DROP TABLE t;")
    assert "has no tables" in await told(file)


async def test_garbage_is_not_a_database(tmp_path: Path) -> None:
    (tmp_path / "shop.db").write_bytes(b"<html>not found</html>" * 100)
    assert "is not a SQLite database" in await told(tmp_path / "shop.db")


async def test_a_damaged_file_is_damaged(tmp_path: Path) -> None:
    file = build(tmp_path / "shop.db")
    page = 4096
    file.write_bytes(file.read_bytes()[:100] + b"\xff" * (page - 100))
    assert "is damaged" in await told(file)


async def test_a_cut_file_is_damaged_even_where_its_schema_can_be_read(tmp_path: Path) -> None:
    file = build(tmp_path / "shop.db")
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA journal_mode = delete")
        connection.executescript(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000) "
            "INSERT INTO daily_sales (d, qty) SELECT '2026-11-01', i FROM n;"
        )
    os.truncate(file, file.stat().st_size // 2 // 4096 * 4096)
    with pytest.raises(Unreadable) as caught:
        await shop_at(file).rows("SELECT sum(revenue_gross) FROM daily_sales")
    assert "is damaged" in words(caught.value)


CRASH = """
import os, signal, sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("PRAGMA cache_size = 5")
connection.execute("BEGIN")
connection.execute("UPDATE daily_sales SET qty = qty + 1, d = d || hex(zeroblob(2000))")
connection.execute("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 3000) "
                   "INSERT INTO daily_sales (d) SELECT hex(zeroblob(500)) FROM n")
os.kill(os.getpid(), signal.SIGKILL)
"""


async def test_a_journal_left_by_a_crash_needs_a_writer(tmp_path: Path) -> None:
    file = build(tmp_path / "shop.db")
    done = subprocess.run([sys.executable, "-c", CRASH, str(file)], check=False)  # noqa: ASYNC221
    assert done.returncode == -signal.SIGKILL
    assert "shop.db-journal" in names_in(tmp_path)
    assert "must be rolled back by a program that may write" in await told(file)
    with closing(sqlite3.connect(file)) as writer:
        assert writer.execute("SELECT sum(qty) FROM daily_sales").fetchone() == (10,)
    assert await shop_at(file).rows("SELECT sum(qty) AS n FROM daily_sales") == [{"n": 10}]


@pytest.fixture
def folder() -> Iterator[Path]:
    """Lie where every user may look, unlike pytest's own folder."""
    path = Path(tempfile.mkdtemp())
    path.chmod(0o755)
    yield path
    shutil.rmtree(path)


@pytest.fixture
def without_rights() -> Iterator[None]:
    """Be nobody for a while: root may read everything."""
    with account(NOBODY if os.getuid() == 0 else os.getuid()):
        yield


@contextmanager
def account(number: int) -> Iterator[None]:
    if number == os.getuid():
        yield
        return
    before = os.getresuid()
    os.setresuid(0, 0, 0)
    os.setresuid(number, number, 0)
    try:
        yield
    finally:
        os.setresuid(0, 0, 0)
        os.setresuid(*before)


@pytest.fixture
def unreadable_file(folder: Path) -> Path:
    file = build(folder / "shop.db")
    file.chmod(0o000)
    return file


@pytest.fixture
def log_in_a_locked_folder(folder: Path) -> Path:
    file = build(folder / "shop.db", wal=True)
    file.chmod(0o644)
    folder.chmod(0o555)
    return file


@pytest.fixture
def file_of_the_shop(folder: Path) -> Path:
    """A file in WAL mode of another account, in a folder that everybody may write."""
    if os.getuid() != 0:
        pytest.skip("only root can give a file to another account")
    file = build(folder / "shop.db", wal=True)
    os.chown(file, SHOP, SHOP)
    file.chmod(0o644)
    folder.chmod(0o777)
    return file


async def test_a_question_never_makes_log_files_that_lock_the_shop_out(
    file_of_the_shop: Path,
) -> None:
    with account(NOBODY):
        assert "could not write to" in await told(file_of_the_shop)
    assert names_in(file_of_the_shop.parent) == ["shop.db"]
    with account(SHOP), closing(sqlite3.connect(file_of_the_shop)) as shop:
        shop.execute("INSERT INTO daily_sales (qty) VALUES (1)")
        shop.commit()
        with account(NOBODY):
            rows = await shop_at(file_of_the_shop).rows("SELECT sum(qty) AS n FROM daily_sales")
        assert rows == [{"n": 11}]


async def test_a_file_without_a_log_of_another_account_is_read(file_of_the_shop: Path) -> None:
    with closing(sqlite3.connect(file_of_the_shop)) as connection:
        connection.execute("PRAGMA journal_mode = delete")
    with account(NOBODY):
        assert await shop_at(file_of_the_shop).rows("SELECT 1 AS n") == [{"n": 1}]


@pytest.fixture
def file_of_the_group(file_of_the_shop: Path) -> Path:
    file_of_the_shop.chmod(0o664)
    os.chown(file_of_the_shop.parent, SHOP, SHOP)
    file_of_the_shop.parent.chmod(0o2777)
    return file_of_the_shop


async def test_log_files_that_the_shop_s_group_may_write_are_made(file_of_the_group: Path) -> None:
    with account(NOBODY):
        rows = await shop_at(file_of_the_group).rows("SELECT sum(qty) AS n FROM daily_sales")
    assert rows == [{"n": 10}]
    made = file_of_the_group.with_name("shop.db-wal").stat()
    assert (made.st_gid, made.st_mode & 0o777) == (SHOP, 0o664)


@pytest.mark.usefixtures("without_rights")
async def test_a_file_we_may_not_read_says_so(unreadable_file: Path) -> None:
    assert "may not read" in await told(unreadable_file)


async def test_a_log_in_a_folder_we_may_not_write_says_so(
    log_in_a_locked_folder: Path, without_rights: None
) -> None:
    assert without_rights is None
    assert "needs the files -wal and -shm" in await told(log_in_a_locked_folder)
