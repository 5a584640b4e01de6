"""The same on a real PostgreSQL server: every value comes back as it was."""

from dataclasses import replace
from pathlib import Path

import psycopg
import pytest

from bot.core.model import Facts
from bot.core.runbook import ActionFailed
from bot.edges.archive import open_archive
from bot.edges.archive.moving import Moving
from bot.edges.archive.postgres_rows import PostgresRows
from bot.edges.archive.work import FileArchive
from tests.edges.archive.disks import fill, small_disk
from tests.edges.archive.helpers import BEFORE, NAME, TEMPLATES, lines_in
from tests.postgres import account
from tests.remediations.fakes import JOB

SALES = b"""
    CREATE TABLE daily_sales (
        id serial PRIMARY KEY, d date NOT NULL, sku_id integer NOT NULL, warehouse_id integer,
        qty integer, revenue_gross numeric, promo_cost double precision, at timestamptz,
        raw bytea, src_hash text, UNIQUE (d, sku_id, warehouse_id)
    );
    CREATE INDEX ON daily_sales (d);
    INSERT INTO daily_sales (d, sku_id, warehouse_id, qty, revenue_gross, promo_cost, at, raw,
        src_hash)
    SELECT DATE '2026-01-01' + i / 10, i % 10, 1, i % 7, i / 3.0, 1.0 / (i + 1),
        TIMESTAMPTZ '2026-01-01 03:00+03' + i * INTERVAL '1 hour', '\\x00ff',
        CASE WHEN i % 3 = 0 THEN E'a "b" \\n \\\\' || i END
    FROM generate_series(0, 1999) AS i;
"""
ALL = b"SELECT md5(string_agg(s::text, ';' ORDER BY id)), count(*) FROM daily_sales AS s"


@pytest.fixture
def url(postgres: str) -> str:
    with psycopg.connect(f"{postgres}/postgres", autocommit=True) as server:
        server.execute("DROP DATABASE IF EXISTS archive")
        server.execute("CREATE DATABASE archive")
    address = f"{postgres}/archive"
    with psycopg.connect(address) as connection:
        connection.execute(SALES)
    return address


def look(url: str) -> tuple[str, int]:
    with psycopg.connect(url) as connection:
        row = connection.execute(ALL).fetchone()
        assert row is not None
        return row[0], row[1]


@pytest.fixture
def box(url: str, tmp_path: Path) -> FileArchive:
    return open_archive(url, tmp_path / "archive", sql=TEMPLATES.sql)


async def test_every_value_goes_and_comes_back(url: str, box: FileArchive, tmp_path: Path) -> None:
    before = look(url)
    facts = await box.outlook(NAME, BEFORE)
    assert (facts["rows"], facts["stay"]) == (1460, 540)
    assert (facts["first"], facts["last"]) == ("2026-01-01", "2026-05-26")
    await box.export(NAME, BEFORE, JOB)
    assert look(url) == before
    assert len(lines_in(tmp_path / "archive")) == 1460
    assert await box.remove(NAME, JOB) == {"removed": 1460, "changed": 0}
    assert look(url)[1] == 540
    assert (await box.restore(NAME, JOB))["added"] == 1460
    assert look(url) == before
    assert (await box.restore(NAME, JOB))["there"] == 1460
    [shown] = (await box.shelf()).files
    assert (shown.whole, shown.shop) == (True, "archive")
    await box.close()


async def test_what_changed_stays(url: str, box: FileArchive) -> None:
    await box.export(NAME, BEFORE, JOB)
    with psycopg.connect(url) as connection:
        connection.execute("UPDATE daily_sales SET qty = 99 WHERE id IN (7, 8)")
    assert await box.remove(NAME, JOB) == {"removed": 1458, "changed": 2}
    assert (await box.restore(NAME, JOB))["kept"] == 2


async def test_a_server_s_full_disk_takes_out_what_was_put_back(
    url: str, postgres: str, tmp_path: Path
) -> None:
    with small_disk(8, owner=account()) as disk:
        with psycopg.connect(f"{postgres}/postgres", autocommit=True) as server:
            server.execute(f"CREATE TABLESPACE small LOCATION '{disk}'".encode())
        try:
            with psycopg.connect(url) as connection:
                connection.execute(b"ALTER TABLE daily_sales SET TABLESPACE small")
            await _put_back_on(disk, url, tmp_path / "archive")
        finally:
            with psycopg.connect(f"{postgres}/postgres", autocommit=True) as server:
                server.execute(b"DROP DATABASE archive")
                server.execute(b"DROP TABLESPACE small")


async def _put_back_on(disk: Path, url: str, folder: Path) -> None:
    before = look(url)
    moving = Moving(rows=PostgresRows(url, sql=TEMPLATES.sql))
    box = FileArchive(moving, folder, shop="archive", most=100)
    await box.export(NAME, BEFORE, JOB)
    await box.remove(NAME, JOB)
    young = look(url)

    async def full(facts: Facts) -> None:
        if facts == {"phase": "archive_returns", "done": 300, "total": 1460}:
            fill(disk)

    with pytest.raises(ActionFailed) as failed:
        await box.restore(NAME, replace(JOB, progress=full))
    assert failed.value.why.key == "archive_full_unreturned"
    assert look(url) == young
    fill(disk).unlink()
    assert (await box.restore(NAME, JOB))["added"] == 1460
    assert look(url) == before
