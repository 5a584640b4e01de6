"""Every answer whole, as people read it, with the widest values it must hold."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from bot.core import people, retention
from bot.core.archives import NoArchives
from bot.core.contacts import parse as parse_contacts
from bot.core.markets import Verdict
from bot.core.model import Person, Role, Row, Scalar, Unreadable, phrase
from bot.core.rota import parse_hours, parse_rota
from bot.core.tariffs import NoTariffs
from bot.core.verbs import Verb
from bot.edges.store.tx import SqlTx
from tests.checks.fakes import FakeMarkets, FakeWeb
from tests.conftest import ADMINS, NOON
from tests.paper import drawn, fits, held, made_of, nothing_else
from tests.questions import (
    checklist,
    incoming,
    markets,
    numbers,
    planned_things,
    rates,
    runs,
    scene,
)
from tests.questions.conftest import ANN, Room

EXPECTED = Path(__file__).with_name("expected")

VERA = Person(id=1003, name="Vera <b>&", role=Role.VIEWER)
SAM = Person(id=1999, name="Sam")
CASES = {
    "start": ("start", ANN),
    "start_viewer": ("start", VERA),
    "start_stranger": ("start", SAM),
    "help": ("help", ANN),
    "help_viewer": ("help", VERA),
    "whoami": ("whoami", ANN),
    "whoami_stranger": ("whoami", SAM),
    "status": ("status", ANN),
    "checks": ("checks", ANN),
    "alerts": ("alerts", ANN),
    "alert": ("alert 2", ANN),
    "alert_2": ("alert 2 2", ANN),
    "alert_over": ("alert 4", ANN),
    "history": ("history", ANN),
    "silences": ("silences", ANN),
    "policy": ("policy", ANN),
    "oncall": ("oncall", ANN),
    "response": ("response 90", ANN),
    "todo": ("todo", ANN),
    "todo_one": ("todo T2", ANN),
    "todo_done": ("todo 4", ANN),
    "steps": ("steps 3 3", ANN),
    "steps_5": ("steps 5", ANN),
    "ack": ("ack 1", ANN),
    "giveback": ("giveback 2", VERA),
    "resolve": ("resolve 2", ANN),
    "resolve_refused": ("resolve 1", ANN),
    "note": ("note 1 called the bank", ANN),
    "silence": ("silence db_growth:shop_database 4h vacuum & coffee", ANN),
    "silence_offered": ("silence 3", ANN),
    "silence_all": ("silence all morning", ANN),
    "unsilence": ("unsilence 2", ANN),
    "maintenance": ("maintenance 2h moving to <b>the new</b> host", ANN),
    "cash": ("cash 7", ANN),
    "cash_90": ("cash 90", ANN),
    "letter": ("letter ozon", ANN),
    "contacts": ("contacts", ANN),
    "flows": ("flows 30", ANN),
    "outflows": ("outflows", ANN),
    "pnl": ("pnl 30", ANN),
    "tariffs": ("tariffs", ANN),
    "tariffs_viewer": ("tariffs furniture for everybody 1", VERA),
    "tariffs_spread": ("tariffs furniture for everybody 9", ANN),
    "tariffs_none": ("tariffs <nothing> & nobody", ANN),
    "tariffs_limited": ("tariffs", ANN),
    "tariffs_key": ("tariffs", ANN),
    "tariffs_strange": ("tariffs", ANN),
    "tariffs_unset": ("tariffs", ANN),
    "rules": ("rules ozon", ANN),
    "rules_none": ("rules wb <nothing> & nobody", ANN),
    "rulelog": ("rulelog", ANN),
    "rulelog_none": ("rulelog 1", ANN),
    "rules_category": ("rules ozon <GARDEN> furniture for everybody 7", ANN),
    "outliers": ("outliers 90", ANN),
    "outliers_7": ("page 7 outliers 90", ANN),
    "outliers_sku": ("outliers 90 <&anthracite>", ANN),
    "archives": ("archives", ANN),
    "archives_viewer": ("archives", VERA),
    "retention": ("retention", ANN),
    "db": ("db", ANN),
    "ask": ("ask", ANN),
    "ask_5": ("ask 5", ANN),
    "page": ("page 3 inventory", ANN),
    "inventory": ("inventory", ANN),
    "export": ("export csv inventory", ANN),
    "explain": ("explain inventory", ANN),
    "explain_check": ("explain commission_outliers", ANN),
    "tables": ("tables", ANN),
    "schema": ("schema vw_cashflow_daily", ANN),
    "actions": ("actions", ANN),
    "run": ("run 1", ANN),
    "run_of_two": ("run 2", VERA),
    "run_failed": ("run 3", ANN),
    "run_expired": ("run 4", ANN),
    "postgres": ("postgres", ANN),
    "host": ("host", ANN),
    "svc": ("svc", ANN),
    "svc_web": ("svc web", ANN),
    "logs": ("logs scheduler", ANN),
    "logs_traceback": ("logs scheduler 1440 traceback", ANN),
    "logs_nothing": ("logs bot 5 no such word", ANN),
    "logs_file": ("logs_file scheduler 1440 error", ANN),
    "config": ("config scheduler", ANN),
    "tokens": ("tokens", ANN),
    "tokens_live": ("tokens live", ANN),
    "net": ("net", ANN),
    "latency": ("latency", ANN),
    "jobs": ("jobs", ANN),
    "jobs_one": ("jobs collect", ANN),
    "ingest": ("ingest", ANN),
    "limits": ("limits", ANN),
    "health": ("health", ANN),
    "metrics": ("metrics", ANN),
    "metrics_one": ("metrics page_views_total", ANN),
    "slow": ("slow the pages of <b>stocks</b> hang", ANN),
    "report": ("report", ANN),
    "report_monthly": ("report monthly", ANN),
    "schedule": ("schedule", ANN),
    "schedule_one": ("schedule vacuum", ANN),
    "schedule_checks": ("schedule checks", ANN),
    "schedule_jobs": ("schedule jobs", ANN),
    "schedule_off": ("schedule", ANN),
    "schedule_checks_off": ("schedule checks", ANN),
    "schedule_jobs_off": ("schedule jobs", ANN),
    "brief": ("brief", ANN),
    "slo": ("slo", ANN),
    "slo_latency": ("slo 1 latency", ANN),
    "beats": ("beats", ANN),
    "checks_off": ("checks", ANN),
    "status_off": ("status", ANN),
    "health_off": ("health", ANN),
    "brief_off": ("brief", ANN),
    "db_off": ("db", ANN),
    "slo_off": ("slo", ANN),
    "runbook_off": ("runbook", ANN),
    "runbook": ("runbook", ANN),
    "runbook_5": ("runbook 5", ANN),
    "look": ("look 5 2 host", ANN),
}

WRITTEN: Mapping[str, Callable[[SqlTx], object]] = {  # what there must have been before
    **dict.fromkeys(("slo", "latency", "jobs", "report"), numbers.rounds),
    **dict.fromkeys(("todo", "steps"), checklist.several),
    "schedule": planned_things.several,
    "response": scene.answered,
}

UNFETCHED = {
    "tariffs_limited": markets.ANSWERS["WB_STATS_TOKEN_BACKUP"],
    "tariffs_key": markets.ANSWERS["WB_ANALYTICS_TOKEN"],
    "tariffs_strange": replace(
        markets.WELL,
        verdict=Verdict.STRANGE,
        why=phrase("tariffs_no_rates", count=7432, column="kgvpSupplierExpress"),
    ),
    "tariffs_unset": None,
}


@pytest.fixture
async def bad_day(room: Room) -> Room:
    await room.store.write(scene.bad_day)
    await room.store.write(lambda tx: people.seen(tx, ANN, NOON))
    rules = replace(
        room.book.policy,
        rota=parse_rota("1001 Mon-Fri 09:00-18:00; 1002 18:00-09:00"),
        quiet_hours=[parse_hours("Sun 02:00-04:00")],
        contacts=parse_contacts(scene.CONTACTS),
        supports={"OZON": "seller@ozon.ru"},
        retention=retention.parse("daily_sales=180,daily_stock=365,job_runs=90,pnl_daily=3650"),
    )
    room.book = replace(
        room.book, policy=rules, beats=scene.PLANS_OF_JOBS, plans=planned_things.PLANS
    )
    room.markets = FakeMarkets(markets.KEYS, markets.ANSWERS, markets.WAYS)
    room.markets.resting = {"statistics-api.wildberries.ru": markets.PAUSE}
    room.web = FakeWeb([*numbers.metrics(), *incoming.METRICS], incoming.HEALTH)
    room.tariffs = NoTariffs(scene.tariff_list())
    room.shop.answers = {
        "cash_balance_threshold/balances.sql.j2": scene.balances(8)[::-1],
        "answers/cash_last_day.sql.j2": [{"day": "2026-11-22"}],
        "answers/cash_balances.sql.j2": scene.balances(90),
        "answers/cash_flows.sql.j2": scene.flows(90, "WB", "OZON", "YANDEX MARKET"),
        "commission_outliers/sums.sql.j2": scene.SUMS,
        "answers/outliers_sums.sql.j2": scene.SUMS,
        "answers/outliers.sql.j2": scene.outliers(10),
        "commission_outliers/articles.sql.j2": scene.off_articles(),
        "shop/sqlite_schema.sql.j2": scene.SCHEMA,
        "ingest_success_rate/days.sql.j2": days,
        "ingest_success_rate/counts.sql.j2": incoming.counts(),
        "answers/ingest.sql.j2": incoming.by_day(),
        "scheduler_on_time/runs.sql.j2": numbers.runs_of,
        "answers/report_sales.sql.j2": numbers.sold(),
        "answers/cash_costs.sql.j2": scene.costs(29),
        "answers/cash_due.sql.j2": scene.due(28, "WB", "OZON"),
        "answers/outflows.sql.j2": scene.outflows(300),
        "answers/pnl.sql.j2": scene.profits(60),
        "answers/rules.sql.j2": scene.rules(40),
        "answers/inventory.sql.j2": scene.inventory(300),
        "retention/daily_sales.sql.j2": [{"row_count": 5_000_000, "first_day": "2023-01-01"}],
        "retention/daily_stock.sql.j2": [{"row_count": 1_234_567, "first_day": "2024-12-31"}],
        "retention/job_runs.sql.j2": [{"row_count": 0, "first_day": "2026-09-01"}],
        "retention/pnl_daily.sql.j2": unreadable,
    }
    room.archives = NoArchives(scene.ARCHIVES)
    room.shop.catalogue = scene.TABLES
    room.shop.schemas = scene.SCHEMAS
    room.shop.plans = scene.PLANS
    room.shop.measured = scene.LARGE
    await room.memory.put("db_growth:daily", scene.GREW_BEFORE)
    return room


def days(*, first: str, **_binds: Scalar) -> Sequence[Row]:
    """Which days have sales: of the weeks that the check looks at, or of the service level."""
    return incoming.days() if first == incoming.FIRST else numbers.days()


def unreadable(**_binds: Scalar) -> list[Row]:
    raise Unreadable(phrase("shop_too_slow", seconds=5))


BEGINS = ["archives", "cash", "db", "letter ozon", "outliers", "retention"]


@pytest.mark.parametrize("asked", BEGINS)
async def test_what_begins_an_action_is_shown_where_it_may_be_pressed(
    bad_day: Room, asked: str
) -> None:
    mine, ours, private = [
        [key.arg for row in page.keys for key in row if key.verb is Verb.DO]
        for page in (
            await bad_day.ask(asked, ANN),
            await bad_day.ask(asked, VERA, ADMINS.chat),
            await bad_day.ask(asked, VERA),
        )
    ]
    assert mine
    assert ours == mine
    assert not private


@pytest.mark.parametrize("name", CASES)
async def test_an_answer_reads_as_it_should(bad_day: Room, name: str) -> None:
    text, who = CASES[name]
    if written := WRITTEN.get(name.split("_", maxsplit=1)[0]):
        await bad_day.store.write(written)
    if name in UNFETCHED:
        bad_day.tariffs = NoTariffs(UNFETCHED[name])
    if name == "limits":
        await bad_day.store.write(incoming.rounds)
    if name == "cash":
        bad_day.shop.answers = {
            **bad_day.shop.answers,
            "answers/cash_balances.sql.j2": scene.balances(7),
            "answers/cash_flows.sql.j2": scene.flows(7, "WB", "OZON"),
        }
    if name in {"rulelog", "report_monthly"}:
        await bad_day.store.write(rates.several)
        bad_day.shop.answers = {**bad_day.shop.answers, "answers/rulelog.sql.j2": rates.RULES}
    if text.split()[0] in {"actions", "run"}:
        await bad_day.store.write(runs.several)
        known = bad_day.book.remediations
        few = {name: known[name] for name in runs.ACTIONS}  # new ones change no file here
        bad_day.book = replace(bad_day.book, remediations=few)
    if name.endswith("_off"):
        switch_off(bad_day, "check_db_growth", "check_scheduler_on_time")
    answer, keys = await bad_day.seen(text, who)
    fits(answer, keys)
    answer = re.sub(r"^\d+ ms", "0 ms", answer, flags=re.MULTILINE)  # how long it took here
    held(EXPECTED / f"{name}.html", drawn(answer, keys) + made_of(bad_day.templates))


def switch_off(room: Room, *names: str) -> None:
    books = room.book.runbooks
    off = {name: replace(books[name], enabled=False) for name in names}
    room.book = replace(room.book, runbooks={**books, **off})


async def test_what_is_switched_off_is_never_taken_for_well(room: Room) -> None:
    await room.store.write(scene.all_well)
    assert "✅ <b>All is well</b>" not in await room.read("status")  # some have not looked
    await room.store.write(scene.all_well)
    looked = await room.store.read(lambda tx: {one.name for one in tx.checks.all()})
    switch_off(room, *(room.book.runbooks.keys() - looked))
    text = await room.read("status")
    assert text.startswith("✅ <b>All that is watched is well</b>")
    assert "⏹ <b>API keys</b>: switched off" in text
    switch_off(room, *room.book.runbooks)
    text = await room.read("status")
    assert text.startswith("⏹ <b>Every check is switched off</b>")
    assert "✅" not in text + await room.read("checks")
    assert "❔" not in text + await room.read("checks")


async def test_every_command_has_its_answer_here(bad_day: Room) -> None:
    assert {text.split()[0] for text, _ in CASES.values()} == {
        # An action's command has no answer of its own: its message asks.
        name
        for name, command in bad_day.commands.items()
        if command.proposes is None
    }
    nothing_else(EXPECTED, CASES)


@pytest.mark.parametrize("days", [1, 2, 7, 30, 90])
async def test_cash_fits_whatever_the_number_of_days(bad_day: Room, days: int) -> None:
    bad_day.shop.answers = {
        **bad_day.shop.answers,
        "answers/cash_balances.sql.j2": scene.balances(days),
        "answers/cash_flows.sql.j2": scene.flows(days, "WB", "OZON", "YANDEX MARKET", "MM"),
    }
    fits(await bad_day.read(f"cash {days}"))


async def test_the_chart_has_every_day_that_has_a_number(bad_day: Room) -> None:
    page = await bad_day.ask("cash 90")
    assert page.chart is not None
    assert len(page.chart.days) == 89  # one of them is not a number
    assert page.chart.limit == -10_000
    assert page.chart.bars["chart_net"][0] == 0  # a day without flows
    assert len(page.chart.lines["chart_balance"]) == len(page.chart.bars["chart_net"]) == 89


async def test_one_day_makes_no_line(bad_day: Room) -> None:
    bad_day.shop.answers = {
        **bad_day.shop.answers,
        "answers/cash_balances.sql.j2": scene.balances(1),
    }
    assert (await bad_day.ask("cash 1")).chart is None


async def test_all_pages_of_help_fit_and_name_every_command_once(bad_day: Room) -> None:
    pages = [await bad_day.read(f"help {number}") for number in (1, 2, 3)]
    for page in pages:
        fits(page)
    named = re.findall(r"^/(\w+)", "\n".join(pages), re.MULTILINE)
    assert sorted(named) == sorted(one.name for one in bad_day.commands.values() if one.listed)
