"""The guarded connection reads, and does nothing else whatever it is asked."""

import sqlite3
from pathlib import Path

import pytest

from bot.edges.shop import guard
from bot.edges.shop.threads import Stop
from tests.edges.shop.helpers import build

REFUSED = [
    "INSERT INTO daily_sales (d) VALUES ('2026-11-23')",
    "UPDATE daily_sales SET qty = 0",
    "DELETE FROM daily_sales",
    "DROP TABLE daily_sales",
    "CREATE TABLE more (a)",
    "CREATE TEMP TABLE more (a)",
    "ATTACH 'other.db' AS other",
    "VACUUM",
    "VACUUM INTO 'other.db'",
    "BEGIN IMMEDIATE",
    "PRAGMA query_only = 0",
    "PRAGMA journal_mode = wal",
    "PRAGMA writable_schema = 1",
    "PRAGMA page_size = 512",
    "PRAGMA wal_checkpoint(TRUNCATE)",
    "SELECT load_extension('x')",
    "SELECT randomblob(1000000000)",
    "SELECT zeroblob(1000000000)",
    "SELECT replace(printf('%9000000d', 1), ' ', 'xx')",
]


@pytest.mark.parametrize("statement", REFUSED)
def test_whatever_is_no_question_is_refused_and_makes_no_file(
    statement: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    file = build(tmp_path / "shop.db")
    before = file.read_bytes()
    with (
        guard.reading(file, busy_seconds=0.1) as connection,
        pytest.raises((sqlite3.DatabaseError, sqlite3.DataError)),
    ):
        connection.execute(statement).fetchall()
    assert [path.name for path in tmp_path.iterdir()] == ["shop.db"]
    assert file.read_bytes() == before


def test_questions_and_their_functions_are_allowed(tmp_path: Path) -> None:
    with guard.reading(build(tmp_path / "shop.db"), busy_seconds=0.1) as connection:
        rows = connection.execute(
            "WITH s AS (SELECT d, sum(qty) OVER (ORDER BY d) AS total FROM daily_sales) "
            "SELECT strftime('%d', d), round(avg(total), 1) FROM s WHERE d GLOB '2026*' GROUP BY 1"
        ).fetchall()
    assert rows == [("20", 2.0), ("21", 5.0), ("22", 10.0)]


def test_a_file_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    with (
        pytest.raises(FileNotFoundError),
        guard.reading(tmp_path / "absent.db", busy_seconds=0.1),
    ):
        pass
    assert list(tmp_path.iterdir()) == []


def test_a_name_with_marks_of_an_address_in_it_is_opened(tmp_path: Path) -> None:
    file = build(tmp_path / "shop ?mode=rwc #1 100%.db")
    with guard.reading(file, busy_seconds=0.1) as connection:
        assert connection.execute("SELECT count(*) FROM daily_sales").fetchone() == (3,)


def test_a_statement_ends_at_its_limit_without_help_of_the_event_loop(tmp_path: Path) -> None:
    with (
        guard.reading(build(tmp_path / "shop.db"), busy_seconds=0.1) as connection,
        guard.bounded(connection, Stop(), seconds=0.05),
        pytest.raises(sqlite3.OperationalError, match="interrupted"),
    ):
        connection.execute(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1e8) "
            "SELECT max(i) FROM n"
        ).fetchall()
