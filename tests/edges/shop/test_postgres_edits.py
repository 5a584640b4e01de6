"""Changes of rows on a real PostgreSQL server: all or none."""

import asyncio
from collections.abc import Iterator
from zoneinfo import ZoneInfo

import psycopg
import pytest

from bot.core.runbook import ActionFailed
from bot.core.tools import Edit
from bot.edges.clock import utc_now
from bot.edges.shop import open_edits, postgres_edits
from bot.edges.templates import Templates

RULES = """
    CREATE TABLE commission_rules (id serial PRIMARY KEY, marketplace varchar, category varchar,
        rate_pct float, fixed_per_unit float, effective_from date, effective_until date,
        updated_at timestamp);
    INSERT INTO commission_rules (marketplace, category, rate_pct, fixed_per_unit, effective_from)
    VALUES ('OZON', 'Toys', 10, 0, '2026-01-01');
"""


NOW = "2026-11-22 10:00:00"
ADD = Edit(
    query="remediations/rate_add.sql.j2",
    binds={
        "marketplace": "OZON",
        "category": "Toys",
        "rate": 12.5,
        "fixed": 0.0,
        "since": "2026-11-22",
        "now": NOW,
    },
)


def close(old: float) -> Edit:
    return Edit(
        query="remediations/rate_close.sql.j2",
        binds={"id": 1, "old": old, "until": "2026-11-22", "now": NOW},
    )


def undo(number: object, *, fixed: float | None) -> list[Edit]:
    """The rule of this number goes, and the first one is in force again."""
    new = {"id": int(str(number)), "rate": 12.5, "fixed": fixed, "since": "2026-11-22"}
    old = {"id": 1, "rate": 10.0, "fixed": fixed, "since": "2026-01-01"}
    return [
        Edit(query="remediations/rate_remove.sql.j2", binds=new),
        Edit(
            query="remediations/rate_reopen.sql.j2",
            binds={**old, "until": "2026-11-22", "now": NOW},
        ),
    ]


@pytest.fixture
def url(postgres: str) -> Iterator[str]:
    with psycopg.connect(f"{postgres}/postgres", autocommit=True) as server:
        server.execute("CREATE DATABASE edits")
        with psycopg.connect(f"{postgres}/edits") as database:
            database.execute(RULES)
        yield f"{postgres}/edits"
        server.execute("DROP DATABASE edits WITH (FORCE)")


async def test_a_row_that_another_program_holds_is_not_waited_for_until_the_run_is_over(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres_edits, "LOCK_SECONDS", 0.1)
    edits = open_edits(url, sql=Templates(zone=ZoneInfo("UTC"), clock=utc_now).sql)
    with psycopg.connect(url) as other:
        other.execute("SELECT FROM commission_rules FOR UPDATE")
        with pytest.raises(ActionFailed, match="shop_locked"):
            async with asyncio.timeout(5):
                await edits.change([close(10.0), ADD])
    await edits.change([close(10.0), ADD])


async def test_a_rule_is_closed_and_added_or_neither_and_both_taken_back(url: str) -> None:
    edits = open_edits(url, sql=Templates(zone=ZoneInfo("UTC"), clock=utc_now).sql)
    with pytest.raises(ActionFailed, match="edit_changed_meanwhile"):
        await edits.change([ADD, close(11.0)])
    await edits.change([close(10.0), ADD])
    with psycopg.connect(url) as database:
        query = "SELECT rate_pct, effective_until::text FROM commission_rules ORDER BY id"
        assert database.execute(query).fetchall() == [(10.0, "2026-11-22"), (12.5, None)]
        [[added]] = database.execute("SELECT max(id) FROM commission_rules").fetchall()
    for other in (1.0, None):
        with pytest.raises(ActionFailed, match="edit_changed_meanwhile"):
            await edits.change(undo(added, fixed=other))
    await edits.change(undo(added, fixed=0.0))
    with psycopg.connect(url) as database:
        assert database.execute(query).fetchall() == [(10.0, None)]
