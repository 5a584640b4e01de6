import pytest

from bot.core.portability import blockers


@pytest.mark.parametrize(
    ("kind", "sql", "words"),
    [
        ("view", "CREATE VIEW v AS SELECT strftime('%m', d) FROM t", ["strftime"]),
        ("view", "CREATE VIEW v AS SELECT date('now')", ["date('now')"]),
        ("view", "CREATE VIEW v AS SELECT date(d, '-7 days') FROM t", ["date(…, '…')"]),
        ("view", "CREATE VIEW v AS SELECT IFNULL(a, 0), total(b) FROM t", ["ifnull", "total"]),
        ("view", "CREATE VIEW v AS SELECT rowid FROM [my table]", ["rowid"]),
        ("view", "CREATE VIEW v AS SELECT [a] FROM t", ["[name]"]),
        (
            "trigger",
            "CREATE TRIGGER x BEGIN INSERT OR IGNORE INTO t DEFAULT VALUES; END",
            ["INSERT OR"],
        ),
        ("view", "CREATE VIEW v AS SELECT a FROM t -- strftime(\n", None),
        ("view", "CREATE VIEW v AS SELECT coalesce(a, 0), CAST(d AS date) FROM t", None),
        ("table", "CREATE TABLE t (id INTEGER PRIMARY KEY, total REAL, price_total REAL)", None),
        ("table", "CREATE TABLE t (id INTEGER PRIMARY KEY AUTOINCREMENT)", ["AUTOINCREMENT"]),
        ("table", "CREATE TABLE t (a PRIMARY KEY) WITHOUT ROWID", ["WITHOUT ROWID"]),
    ],
)
def test_what_must_be_written_anew(kind: str, sql: str, words: list[str] | None) -> None:
    found = blockers([{"type": kind, "name": "v", "sql": sql}])
    if words is None:
        assert found == []
    else:
        assert [one.words for one in found] == [words]


def test_a_table_without_a_key_is_named() -> None:
    (one,) = blockers([{"type": "table", "name": "raw", "sql": "CREATE TABLE raw (line TEXT)"}])
    assert (one.name, one.no_key, one.words) == ("raw", True, [])
