"""The command with its real tools: a shop's file, a web API, the assistant's tables."""

import io
import json
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from rich.console import Console

import checks
from bot.commands.check import check, show_table
from bot.commands.screen import screen
from bot.core.detectors import Looked
from bot.core.model import Json, Severity, Status, fires
from bot.edges.cards import Cards
from bot.edges.clock import utc_now
from bot.edges.memory import StoredMemory
from bot.edges.round_report import Line, lines_of
from bot.edges.single import SingleInstance
from bot.edges.store import SqlStore
from bot.edges.templates import Templates
from bot.settings import Settings
from tests.checks.shop import Shop
from tests.doctor.patient import SECRETS, settings
from tests.edges.raw_server import http, raw_server

KEYS = {"ok", "severity", "msg", "fingerprint", "extras", "status", "check", "subject"}
OLDER_CASH = """
    DROP VIEW vw_cashflow_daily;
    CREATE VIEW vw_cashflow_daily AS SELECT d, net AS balance FROM cashflow_daily;
"""


TABLE = """
 State        Check                    Of             Seen                                     Took
 ──────────────────────────────────────────────────────────────────────────────────────────────────
 ● critical   cash_balance_threshold   cash balance   Cash balance is −15 000 ₽, the limit    12 ms
                                                      is −10 000 ₽
 ● unknown                             till           [bold]12[/bold]
 ● unknown    db_growth                               The check had nothing to look at.        0 ms

2 checks: 0 ok, 1 firing, 1 unknown
"""


class Terminal:
    """Runs the command and keeps what it prints; sleeping is only noted."""

    def __init__(self, configured: Settings) -> None:
        self.settings = configured
        self.out = ""
        self.slept: list[float] = []

    async def __call__(self, *names: str, as_json: bool = False, width: int = 100) -> int:
        paper = io.StringIO()
        console = Console(file=paper, width=width, color_system=None)
        code = await check(
            self.settings, names, as_json=as_json, console=console, sleep=self._sleep
        )
        self.out = paper.getvalue().replace("\N{NARROW NO-BREAK SPACE}", " ")
        return code

    async def results(self, *names: str) -> list[dict[str, Any]]:
        await self(*names, as_json=True)
        return json.loads(self.out)["results"]  # type: ignore[no-any-return]

    async def _sleep(self, seconds: float) -> None:
        self.slept.append(seconds)


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    return Shop(tmp_path / "shop.db")


@pytest.fixture
def terminal(tmp_path: Path) -> Terminal:
    return Terminal(settings(tmp_path, **SECRETS))


async def test_all_is_well(shop: Shop, terminal: Terminal) -> None:
    shop.flow(utc_now().date(), 50_000)
    assert await terminal("db_growth", "check_cash_balance_threshold") == 0
    lines = [line.split() for line in terminal.out.splitlines() if "●" in line]
    assert [line[:3] for line in lines] == [
        ["●", "ok", "cash_balance_threshold"],
        ["●", "ok", "db_growth"],
    ]
    assert terminal.out.endswith("2 checks: 2 ok, 0 firing, 0 unknown\n")


async def test_something_fires(shop: Shop, terminal: Terminal) -> None:
    shop.flow(utc_now().date(), -15_000)
    assert await terminal("cash_balance_threshold") == 1
    assert "● critical" in terminal.out
    assert "−15 000 ₽" in terminal.out


async def test_something_is_unknown(shop: Shop, terminal: Terminal) -> None:
    shop.run(OLDER_CASH)
    assert await terminal("cash_balance_threshold", "db_growth") == 2
    assert "● unknown" in terminal.out
    assert "vw_cashflow_daily.cumulative_balance" in terminal.out.replace("\n", "")


async def test_a_firing_check_is_more_certain_than_an_unknown_one(
    shop: Shop, terminal: Terminal
) -> None:
    shop.flow(utc_now().date(), -15_000)
    shop.run("DROP TABLE job_runs")
    assert await terminal("cash_balance_threshold", "scheduler_on_time") == 1
    assert "1 firing, 1 unknown" in terminal.out


async def test_the_json_is_that_of_the_web_api(shop: Shop, terminal: Terminal) -> None:
    shop.flow(utc_now().date(), -15_000)
    shop.run("DROP TABLE job_runs")
    await terminal(as_json=True)
    answer = json.loads(terminal.out)
    assert list(answer) == [
        "status",
        "total_checks",
        "passed",
        "failed",
        "unknown",
        "off",
        "results",
    ]
    assert answer["status"] == "completed"
    assert answer["total_checks"] == len(checks.load({}))
    assert answer["passed"] + answer["failed"] + answer["unknown"] == answer["total_checks"]
    assert all(set(one) >= KEYS for one in answer["results"])
    cash = next(one for one in answer["results"] if one["check"] == "check_cash_balance_threshold")
    assert (cash["ok"], cash["status"], cash["severity"]) == (False, "firing", "critical")
    assert cash["fingerprint"] == f"check_cash_balance_threshold:{cash['subject']}"
    assert cash["extras"]["balance_rub"] == -15_000
    jobs = next(one for one in answer["results"] if one["check"] == "check_scheduler_on_time")
    assert (jobs["ok"], jobs["status"], jobs["subject"]) == (False, "unknown", "")
    assert jobs["fingerprint"] == "check_scheduler_on_time"
    assert "job_runs" in jobs["msg"]


@pytest.mark.parametrize("as_json", [False, True])
async def test_an_unknown_name_is_one_line_and_nothing_runs(
    terminal: Terminal, capsys: pytest.CaptureFixture[str], *, as_json: bool
) -> None:
    assert await terminal("db_growth", "check_db_grwth", as_json=as_json) == 64
    assert terminal.out == ""
    [line] = capsys.readouterr().err.splitlines()
    assert line.startswith("No such check: check_db_grwth. There are api_latency_p95, ")


async def test_a_first_look_is_followed_by_a_second(shop: Shop, terminal: Terminal) -> None:
    del shop
    scrapes = [http(metrics(requests=100)), http(metrics(requests=200))]
    async with raw_server(*scrapes) as server:
        terminal.settings.web_api_url = server.url
        assert await terminal("api_latency_p95") == 0
    assert terminal.slept == [5]
    assert "p95 48 ms of at most 1 200 ms" in terminal.out


async def test_no_traffic_is_unknown(shop: Shop, terminal: Terminal) -> None:
    del shop
    async with raw_server(http(metrics(requests=100))) as server:
        terminal.settings.web_api_url = server.url
        assert await terminal("api_latency_p95") == 2
        [latency, _] = await terminal.results("api_latency_p95")
    assert (latency["status"], latency["idle"], latency["severity"]) == ("unknown", True, "info")


@pytest.fixture
async def running(terminal: Terminal) -> AsyncIterator[SqlStore]:
    """An assistant at work: it holds the lock and has its tables open."""
    path = terminal.settings.state_path
    with SingleInstance(path):
        store = await SqlStore.open(path)
        yield store
        await store.close()


async def test_it_looks_with_the_memory_of_the_assistant_and_changes_none_of_it(
    shop: Shop, terminal: Terminal, running: SqlStore
) -> None:
    before = utc_now() - timedelta(days=3)
    sample: dict[str, Json] = {"at": before.isoformat(), "bytes": shop.path.stat().st_size - 3000}
    memory = StoredMemory(store=running, clock=utc_now)
    await memory.put("db_growth:daily", [sample])
    [growth] = await terminal.results("db_growth")
    assert growth["extras"]["growth_bytes_per_day"] == pytest.approx(1000, rel=0.01)
    assert await memory.get("db_growth:daily") == [sample]
    assert await running.read(lambda tx: list(tx.checks.all())) == []


async def test_nothing_is_left_behind_where_no_assistant_ever_ran(
    shop: Shop, terminal: Terminal
) -> None:
    await terminal("db_growth")
    assert [one.name for one in shop.path.parent.iterdir()] == ["shop.db"]


async def test_a_state_database_of_no_use_is_passed_over(shop: Shop, terminal: Terminal) -> None:
    del shop
    path = terminal.settings.state_path
    path.write_bytes(b"no database" * 500)
    assert await terminal("db_growth") == 0
    path.unlink()
    store = await SqlStore.open(path)
    await store.close()
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    assert await terminal("db_growth") == 0


@pytest.mark.parametrize("as_json", [False, True])
async def test_secrets_in_the_shops_own_data_are_not_repeated(
    shop: Shop, terminal: Terminal, *, as_json: bool
) -> None:
    now = datetime.fromisoformat(f"{utc_now():%Y-%m-%d %H:%M:%S}")
    for hours in range(1, 60):
        shop.job(
            "collect_yesterday_data",
            str(now - timedelta(hours=hours)),
            "failed",
            error=f"401 for {SECRETS['wb_stats_token']} \x1b[2J [bold]red[/bold]",
        )
    await terminal(as_json=as_json)
    assert "401 for" in terminal.out or not as_json
    assert not any(secret in terminal.out for secret in SECRETS.values())
    assert "\x1b" not in terminal.out


def test_the_table_on_paper(tmp_path: Path) -> None:
    books = checks.load({})
    templates = Templates(zone=ZoneInfo("Europe/Moscow"), clock=utc_now)
    cards = Cards(templates=templates, book=None)  # type: ignore[arg-type]  # headlines need no book
    cash = fires("cash balance", Severity.CRITICAL, balance_rub=-15_000, threshold_rub=-10_000)
    odd = Line(
        check="check_cash_balance_threshold",
        subject="till",
        status=Status.UNKNOWN,
        severity=Severity.INFO,
        message="[bold]12[/bold]",
        facts={},
        idle=True,
        took_ms=12,
    )
    rounds = [
        Looked(runbook=books["check_cash_balance_threshold"], seen=[cash], took_ms=12),
        Looked(runbook=books["check_db_growth"], seen=[], took_ms=0.2),
    ]
    [first, last] = [line for done in rounds for line in lines_of(done, cards)]
    paper = io.StringIO()
    console = Console(file=paper, width=100, color_system=None)
    show_table(screen(settings(tmp_path), templates, console), rounds, [first, odd, last])
    shown = paper.getvalue().replace("\N{NARROW NO-BREAK SPACE}", " ")
    assert [line.rstrip() for line in shown.splitlines()] == TABLE.splitlines()


def metrics(requests: int) -> str:
    labels = 'method="GET",endpoint="/a"'
    name = "http_request_duration_seconds"
    return (
        f"# TYPE {name} histogram\n"
        f'{name}_bucket{{{labels},le="0.05"}} {requests}\n'
        f'{name}_bucket{{{labels},le="+Inf"}} {requests}\n'
        f"{name}_sum{{{labels}}} 1\n"
        f"{name}_count{{{labels}}} {requests}\n"
        "# TYPE http_requests counter\n"
        f'http_requests_total{{{labels},status="200"}} {requests}\n'
    )


async def test_what_is_switched_off_is_neither_ok_nor_unknown(tmp_path: Path, shop: Shop) -> None:
    shop.flow(utc_now().date(), -15_000)
    off = {"cash_balance_threshold": {"enabled": "false"}}
    terminal = Terminal(settings(tmp_path, **SECRETS, checks=off))
    assert await terminal("db_growth", "cash_balance_threshold") == 0
    assert "● off" in terminal.out
    assert "Switched off by" in terminal.out
    assert terminal.out.endswith("2 checks: 1 ok, 0 firing, 0 unknown, 1 switched off\n")
    [result] = await terminal.results("cash_balance_threshold")
    found = [result[name] for name in ("ok", "status", "severity", "fingerprint")]
    assert found == [False, "off", "info", "check_cash_balance_threshold"]
    assert await terminal("cash_balance_threshold") == 2  # nothing is known, and 0 says "well"
