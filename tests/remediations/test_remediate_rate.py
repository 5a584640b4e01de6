"""A commission rate changed on a real file: history kept, all or nothing, and taken back."""

import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, replace
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bot.core.job import Job
from bot.core.model import Facts, Unreadable
from bot.core.records import Run, RunState
from bot.core.runbook import ActionFailed, Refused
from bot.core.tools import ActionTools
from bot.edges.shop import open_edits, open_shop
from bot.edges.templates import Templates, plain
from bot.remediations import remediate_rate, remediate_rate_undo
from tests.checks.shop import SCHEMA as SHOP
from tests.checks.shop import Shop
from tests.remediations.fakes import JOB, NOW, tools

SCHEMA = """
CREATE TABLE sku (id INTEGER PRIMARY KEY, marketplace TEXT, category TEXT);
CREATE TABLE daily_sales (id INTEGER PRIMARY KEY, d DATE, sku_id INTEGER, revenue_gross FLOAT,
    refunds_amount FLOAT);
CREATE TABLE commission_rules (id INTEGER PRIMARY KEY, marketplace TEXT NOT NULL,
    category TEXT NOT NULL, rate_pct FLOAT NOT NULL, fixed_per_unit FLOAT NOT NULL DEFAULT 0,
    effective_from DATE NOT NULL, effective_until DATE, updated_at DATETIME);
CREATE TABLE vw_commission_recon (d DATE, sku_id INTEGER, flag_outlier INTEGER);
INSERT INTO sku VALUES (1, 'OZON', 'Home & <b>Garden'), (2, 'OZON', 'Home & <b>Garden'),
    (3, 'WB', 'Toys');
INSERT INTO daily_sales VALUES (1, '2026-11-20', 1, 90000, 0), (2, '2026-11-21', 2, 20000, 10000),
    (3, '2026-11-21', 3, 70000, 0), (4, '2026-01-01', 1, 9999999, 0);
INSERT INTO commission_rules VALUES
    (4, 'OZON', 'Home & <b>Garden', 9.0, 0, '2025-01-01', '2026-01-01', NULL),
    (5, 'OZON', 'Home & <b>Garden', 10.0, 12, '2026-01-01', NULL, NULL),
    (6, 'WB', 'Toys', 15.0, 0, '2026-01-01', NULL, NULL);
INSERT INTO vw_commission_recon VALUES ('2026-11-20', 1, 1), ('2026-11-20', 3, 1);
"""
VIEWS = "DROP VIEW vw_commission_recon;" + SHOP[SHOP.index("CREATE VIEW vw_commission_recon") :]
ARGS = {
    "marketplace": "OZON",
    "rate": "12.5",
    "from": "2026-11-22",
    "category": "home & <b>garden",
}


@dataclass
class Bench:
    path: Path
    tools: ActionTools
    words: Templates

    def rules(self) -> list[tuple[object, ...]]:
        return self.select(
            "SELECT id, rate_pct, fixed_per_unit, effective_from, effective_until"
            " FROM commission_rules WHERE marketplace = 'OZON' ORDER BY id"
        )

    def select(self, query: str) -> list[tuple[object, ...]]:
        with closing(sqlite3.connect(self.path)) as connection:
            return connection.execute(query).fetchall()

    def change(self, script: str) -> None:
        with closing(sqlite3.connect(self.path)) as connection:
            connection.executescript(script)

    def text(self, name: str, **values: object) -> str:
        return plain(self.words.render(f"remediations/{name}.html.j2", **values))


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    path = tmp_path / "shop.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(SCHEMA)
    async with opened(path) as bench:
        yield bench


@asynccontextmanager
async def opened(path: Path) -> AsyncIterator[Bench]:
    words = Templates(zone=ZoneInfo("Europe/Moscow"), clock=lambda: NOW)
    shop, edits = (
        open_shop(f"sqlite:///{path}", sql=words.sql),
        open_edits(f"sqlite:///{path}", sql=words.sql),
    )
    yield Bench(path, tools(shop=shop, edits=edits), words)
    await shop.close()
    await edits.close()


async def asked(bench: Bench, **args: str) -> tuple[Job, Facts]:
    job = replace(JOB, args=ARGS | args)
    before = await remediate_rate.preflight(bench.tools, job)
    assert not isinstance(before, Refused), before
    return replace(job, before=before), before


async def changed(bench: Bench) -> tuple[Job, Facts]:
    job, _ = await asked(bench)
    await remediate_rate.act(bench.tools, job)
    return job, await remediate_rate.verify(bench.tools, job, {})


def undoing(job: Job, after: Facts) -> Job:
    run = Run(
        id=1,
        key="k",
        action="remediate_rate",
        target="commission rules",
        state=RunState.SUCCEEDED,
        asked_at=NOW,
        asked_name="Ann",
        args=job.args,
        before=job.before,
        after=after,
    )
    return replace(JOB, origin=run)


async def test_the_question_says_old_new_skus_and_roubles(bench: Bench) -> None:
    _, before = await asked(bench)
    first, second = bench.text("ask_rate", before=before, args=ARGS).split("\n")
    assert first.startswith("OZON · Home & <b>Garden: 10.0 % → 12.5 % from 2026-11-22 on")
    assert first.endswith(
        "holds since 2026-01-01, up to and with 2026-11-21, and stays in the history."
    )
    assert second.startswith("2 SKUs. At the sales of the last 30 days that is +2")
    assert second.endswith("500 ₽ of commission. Outliers of the last week: 1.")


async def test_the_old_rule_is_closed_and_a_new_one_added(bench: Bench) -> None:
    job, after = await changed(bench)
    assert bench.rules() == [
        (4, 9.0, 0.0, "2025-01-01", "2026-01-01"),
        (5, 10.0, 12.0, "2026-01-01", "2026-11-22"),
        (7, 12.5, 12.0, "2026-11-22", None),
    ]
    assert after == {"rule_id": 7, "outliers": 1}
    assert "10.0 % → 12.5 %" in bench.text("rate", before=job.before, after=after, args=ARGS)


async def test_undo_brings_back_what_was(bench: Bench) -> None:
    before = bench.rules()
    job = undoing(*await changed(bench))
    found = await remediate_rate_undo.preflight(bench.tools, job)
    assert not isinstance(found, Refused)
    job = replace(job, before=found)
    await remediate_rate_undo.act(bench.tools, job)
    await remediate_rate_undo.verify(bench.tools, job, {})
    assert bench.rules() == before
    assert "10.0 % is in force again" in bench.text("rate_undo", before=found, after={}, args={})


@pytest.mark.parametrize("sign", ["<", "<="])
async def test_a_sale_of_the_day_of_the_change_has_one_rule_the_new_one(
    tmp_path: Path, sign: str
) -> None:
    """Whichever way the shop's own view takes the end of a rule."""
    path = tmp_path / "shop.db"
    shop = Shop(path)
    shop.run(VIEWS.replace("s.d < r.effective_until", f"s.d {sign} r.effective_until"))
    shop.stock_skus()
    shop.rule("OZON", 10)
    shop.sell("2026-11-20", "2026-11-21", "2026-11-22", skus=(3,))
    async with opened(path) as bench:
        job, _ = await asked(bench, **{"from": "2026-11-21", "rate": "20", "category": "all"})
        await remediate_rate.act(bench.tools, job)
        after = await remediate_rate.verify(bench.tools, job, {})
        charged = bench.select("SELECT d, calc_commission FROM vw_commission_recon ORDER BY d")
        assert charged == [("2026-11-20", 100), ("2026-11-21", 200), ("2026-11-22", 200)]

        undo = undoing(job, after)
        found = await remediate_rate_undo.preflight(bench.tools, undo)
        assert not isinstance(found, Refused)
        await remediate_rate_undo.act(bench.tools, replace(undo, before=found))
        sums = "SELECT COUNT(*), SUM(calc_commission) FROM vw_commission_recon"
        assert bench.select(sums) == [(3, 300)]


async def test_where_no_view_says_it_the_rules_themselves_do(bench: Bench) -> None:
    bench.change("UPDATE commission_rules SET effective_until = '2025-12-31' WHERE id = 4")
    _, before = await asked(bench)
    assert (before["until"], before["last_day"]) == ("2026-11-21", "2026-11-21")


@pytest.mark.parametrize("rule", [7, 5], ids=["the new one", "the old one"])
@pytest.mark.parametrize(
    "change",
    ["rate_pct = 13", "fixed_per_unit = 20", "effective_from = '2026-11-20'"],
)
async def test_undo_touches_nothing_that_somebody_changed_since(
    bench: Bench, change: str, rule: int
) -> None:
    job = undoing(*await changed(bench))
    found = await remediate_rate_undo.preflight(bench.tools, job)
    assert not isinstance(found, Refused)
    bench.change(f"UPDATE commission_rules SET {change} WHERE id = {rule}")  # noqa: S608  # a test's own
    before = bench.rules()
    with pytest.raises(ActionFailed, match="edit_changed_meanwhile"):
        await remediate_rate_undo.act(bench.tools, replace(job, before=found))
    assert bench.rules() == before


@pytest.mark.parametrize(
    ("script", "meanwhile"),
    [
        ("UPDATE commission_rules SET rate_pct = 11 WHERE id = 5", "another rate"),
        ("UPDATE commission_rules SET effective_until = '2026-11-01' WHERE id = 5", "closed"),
        ("DELETE FROM commission_rules WHERE id = 5", "gone"),
    ],
)
async def test_what_changed_since_the_question_is_left_alone(
    bench: Bench, script: str, meanwhile: str
) -> None:
    assert meanwhile
    job, _ = await asked(bench)
    bench.change(script)
    before = bench.rules()
    with pytest.raises(ActionFailed, match="edit_changed_meanwhile"):
        await remediate_rate.act(bench.tools, job)
    assert bench.rules() == before


async def test_the_second_statement_failing_undoes_the_first(bench: Bench) -> None:
    job, _ = await asked(bench)
    before = bench.rules()
    bench.change(
        "CREATE TRIGGER no BEFORE INSERT ON commission_rules BEGIN SELECT RAISE(ABORT, 'no'); END"
    )
    with pytest.raises(ActionFailed):
        await remediate_rate.act(bench.tools, job)
    assert bench.rules() == before


@pytest.mark.parametrize(
    ("args", "key"),
    [
        pytest.param({"rate": "10"}, "rate_same", id="the same"),
        pytest.param({"category": "Cars"}, "rate_no_rule", id="no rule"),
        pytest.param({"from": "2026-01-01"}, "rate_day", id="long ago"),
        pytest.param({"from": "2027-11-01"}, "rate_day", id="far ahead"),
    ],
)
async def test_what_makes_no_sense_is_refused(
    bench: Bench, args: dict[str, str], key: str
) -> None:
    found = await remediate_rate.preflight(bench.tools, replace(JOB, args=ARGS | args))
    assert isinstance(found, Refused)
    assert found.why.key == key


async def test_a_rule_that_began_later_is_not_cut_before_its_beginning(bench: Bench) -> None:
    bench.change("UPDATE commission_rules SET effective_from = '2026-11-25' WHERE id = 5")
    found = await remediate_rate.preflight(bench.tools, replace(JOB, args=ARGS))
    assert isinstance(found, Refused)
    assert found.why.key == "rate_too_early"


async def test_rules_of_another_release_are_named_and_not_touched(bench: Bench) -> None:
    bench.change("ALTER TABLE commission_rules RENAME COLUMN rate_pct TO rule_json")
    with pytest.raises(Unreadable, match="rate_pct"):
        await remediate_rate.preflight(bench.tools, replace(JOB, args=ARGS))
