"""Whole cards and answers, as people read them."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.core.model import Alert, Facts, Reading, Severity, State, Status, Unreadable, phrase
from bot.core.runbook import Question, Runbook
from bot.core.tools import DatabaseSize, Sample, ServiceState, Tools
from bot.edges.templates import Templates, plain
from checks import cash_balance_threshold as cash
from checks import commission_outliers as commissions
from checks import db_growth as growth
from checks import ingest_success_rate as ingest
from checks import scheduler_on_time as scheduler
from checks._api_config import Config
from checks._api_look import Look
from checks._api_verdict import judge, unreadable
from checks._latency import Endpoint, Latency
from checks._scheduler_config import Config as SchedulerConfig
from tests.checks.fakes import NOON, FakeServices, FakeSize, FakeWeb, moment, spaced
from tests.checks.shop import ONE_DAY, Shop

WIDEST = 36  # characters of a phone in <pre>
EVIL = '<b>&"</b>'
SIZE = DatabaseSize(
    name="sovani_bot.db",
    main_bytes=5_580_000_000,
    wal_bytes=20_000_000,
    free_bytes=2_500_000_000,
    disk_free_bytes=40_000_000_000,
    disk_total_bytes=100_000_000_000,
)


@pytest.fixture
def trading(shop: Shop) -> Shop:
    """A shop with something to say on every page."""
    shop.stock_skus()
    shop.rule("WB")
    shop.rule("OZON")
    shop.sell_daily(moment().yesterday)
    for n in range(12):
        day = moment().yesterday - n * ONE_DAY
        shop.flow(day, -123_456 * n)
        shop.flow(day, 1_234_567, "OZON")
        shop.overcharge(day, 3, 12_150 + n)
        shop.job("collect_yesterday_data", f"{day} 02:00:00", "failed", 3.0, f"boom {EVIL}")
        shop.job("recalc_recent_metrics", f"{day} 03:00:00")
    return shop


def alert(reading: Reading, check: str, *, healed: bool = False) -> Alert:
    return Alert(
        id=7,
        check=check,
        subject=reading.subject,
        severity=max(reading.severity, Severity.WARNING, key=lambda one: one.rank),
        state=State.RESOLVED if healed else State.FIRING,
        facts={} if healed else reading.facts,
        opened_at=NOON - timedelta(minutes=20),
        told_at=NOON,
        resolved_at=NOON if healed else None,
        proof=reading.facts if healed else {},
    )


def card(templates: Templates, runbook: Runbook, reading: Reading) -> str:
    shown = alert(reading, runbook.name, healed=reading.status is Status.OK)
    return templates.render(
        f"{runbook.folder}/card.html.j2",
        alert=shown,
        facts=shown.facts,
        proof=shown.proof,
        subject=shown.subject,
        runbook=runbook,
        runs=[],
        quiet=None,
        cause=None,
        now=NOON,
    )


def head(templates: Templates, runbook: Runbook, reading: Reading) -> list[str]:
    """Read the card down to the line that tells who takes it."""
    lines = spaced(plain(card(templates, runbook, reading))).splitlines()
    return lines[: next(i for i, line in enumerate(lines) if line.startswith(("👤", "Lasted")))]


def test_slow_api(templates: Templates, runbooks: dict[str, Runbook]) -> None:
    slow = Latency(
        requests=1240,
        p95_ms=2340,
        endpoints=[
            Endpoint(name="GET /api/v1/pnl", p95_ms=4200, requests=40),
            Endpoint(name=f"GET /{EVIL}" + "x" * 60, p95_ms=10_000, requests=9, at_least=True),
        ],
    )
    reading = judge(Look(latency=slow, window_sec=300), moment(), Config())

    assert head(templates, runbooks["check_api_latency_p95"], reading) == [
        "🟡 The web API is slow: p95 2 340 ms, the limit is 1 200 ms",
        "Requests 1 240 in 5 min",
        "Slowest GET /api/v1/pnl: 4 200 ms, 40×",
        "· " + f"GET /{EVIL}".ljust(39, "x") + "…: over 10 000 ms, 9×",
        "",
    ]


def test_fast_api_again(templates: Templates, runbooks: dict[str, Runbook]) -> None:
    reading = judge(
        Look(latency=Latency(requests=25, p95_ms=95), window_sec=9), moment(), Config()
    )

    assert head(templates, runbooks["check_api_latency_p95"], reading) == [
        "✅ The web API is fast again: p95 95 ms, the limit is 1 200 ms"
    ]


def test_unreachable_api(templates: Templates, runbooks: dict[str, Runbook]) -> None:
    reading, _ = unreadable(Unreadable(phrase("http_refused", where="http://localhost:8000")))

    lines = head(templates, runbooks["check_api_latency_p95"], reading)

    assert lines[0] == "🟠 The web API does not answer"
    assert "http://localhost:8000" in lines[1]


async def test_no_cash(
    trading: Shop, tools: Tools, templates: Templates, runbooks: dict[str, Runbook]
) -> None:
    trading.flow(moment().today, -20_000_000)

    [reading] = await cash.detect(tools, moment(), config=cash.Config())

    assert head(templates, runbooks["check_cash_balance_threshold"], reading) == [
        "🔴 Cash balance is -13 333 292 ₽, the limit is -10 000 ₽",
        "As of 23 Nov",
        "Last 7 days -14 444 438 ₽",
        "WB in 700 ₽, out 21 852 540 ₽",
        "OZON in 600 ₽, out -7 406 802 ₽",
        "",
    ]


async def test_wrong_commissions(
    trading: Shop, tools: Tools, templates: Templates, runbooks: dict[str, Runbook]
) -> None:
    trading.write("UPDATE sku SET article = ? WHERE id = 3", [(EVIL,)])

    _, reading = await commissions.detect(tools, moment(), config=commissions.Config())

    assert head(templates, runbooks["check_commission_outliers"], reading) == [
        "🟡 7 commissions of OZON differ from the rules: 84 371 ₽ at stake",
        "Taken too much 84 371 ₽",
        "Compared 14 in 7 days; up to 5 may differ",
        f"Worst {EVIL}, 16 Nov: +12 056 ₽ (+12 056 %)",
        f"· {EVIL}, 17 Nov: +12 055 ₽ (+12 055 %)",
        f"· {EVIL}, 18 Nov: +12 054 ₽ (+12 054 %)",
        "",
    ]


async def test_no_sales(
    trading: Shop, tools: Tools, templates: Templates, runbooks: dict[str, Runbook]
) -> None:
    trading.run("DELETE FROM daily_sales WHERE d >= '2026-11-20'")

    [_, reading] = await ingest.detect(tools, moment(), config=ingest.Config())

    assert head(templates, runbooks["check_ingest_success_rate"], reading) == [
        "🔴 No WB sales for 3 days, the last are of 19 Nov",
        "14 days " + "🟩" * 11 + "🟥" * 3,
        "Last data 19 Nov",
        "Rows of 22 Nov 0, usually 2",
        f"Collector failed 12 times in a row: boom {EVIL}",
        "",
    ]


async def test_dead_scheduler(
    trading: Shop, tools: Tools, templates: Templates, runbooks: dict[str, Runbook]
) -> None:
    trading.job("recalc_recent_metrics", "2026-11-23 03:00:00")

    failing, well = await scheduler.detect(tools, moment(), config=SchedulerConfig())

    book = runbooks["check_scheduler_on_time"]
    assert head(templates, book, failing) == [
        "🟠 collect_yesterday_data did not run at 05:00, 13 times in a row",
        "Last run 22 Nov 05:00, 3 s",
        "On time in 24 h 0 % of 1 run",
        f"Error boom {EVIL}",
        "",
    ]
    assert head(templates, book, well) == ["✅ recalc_recent_metrics ran well at 06:00 in 1 min"]


def test_service_down_and_up(templates: Templates, runbooks: dict[str, Runbook]) -> None:
    down = ServiceState(
        unit="sovani-scheduler", running=False, detail="failed", run_id="", since=NOON, restarts=3
    )
    book = runbooks["check_scheduler_on_time"]

    assert head(templates, book, scheduler.judge_service(down)) == [
        "🟠 The scheduler does not run: sovani-scheduler is failed",
        "Since 12:00",
        "Restarts 3",
        "No job runs until it is back.",
        "",
    ]
    up = scheduler.judge_service(replace(down, running=True, detail="active (running)"))
    assert head(templates, book, up) == [
        "✅ The scheduler runs again: sovani-scheduler is active (running)"
    ]


def test_large_database(templates: Templates, runbooks: dict[str, Runbook]) -> None:
    week_ago = [growth.Sample(at=NOON - 7 * ONE_DAY, bytes=5_250_000_000)]
    book = runbooks["check_db_growth"]

    large = growth.judge(SIZE, week_ago, NOON, growth.Config())
    small = growth.judge(replace(SIZE, main_bytes=3_080_000_000), [], NOON, growth.Config())

    assert head(templates, book, large) == [
        "🟡 The database is 5.6 GB, the limit is 5.0 GB",
        "VACUUM frees at least 2.5 GB",
        "Size 5.6 GB + log 20.0 MB",
        "Growth 50.0 MB a day, full in 88 days",
        "Disk 40.0 GB free (40 %)",
        "",
    ]
    assert head(templates, book, small) == ["✅ The database is 3.1 GB again, the limit is 5.0 GB"]


def test_full_disk(templates: Templates, runbooks: dict[str, Runbook]) -> None:
    reading = growth.judge(replace(SIZE, disk_free_bytes=4_000_000_000), [], NOON, growth.Config())

    lines = head(templates, runbooks["check_db_growth"], reading)

    assert lines[:2] == [
        "🟠 The database's disk is nearly full: 4.0 GB free, 4 % of it",
        "VACUUM frees at least 2.5 GB",
    ]


async def answer(tools: Tools, templates: Templates, question: Question) -> str:
    values: Facts = await question.read(tools, moment())
    return templates.render(question.template, **values)


QUESTIONS = [
    ("check_api_latency_p95", "diagnose"),
    ("check_ingest_success_rate", "diagnose"),
    ("check_scheduler_on_time", "diagnose"),
    ("check_cash_balance_threshold", "diagnose"),
    ("check_commission_outliers", "diagnose"),
    ("check_commission_outliers", "show_outliers"),
    ("check_db_growth", "diagnose"),
]


def question_of(runbook: Runbook, name: str) -> Question:
    return next(one for one in (runbook.diagnose, *runbook.questions) if one.name == name)


@pytest.mark.usefixtures("trading")
@pytest.mark.parametrize(("check", "name"), QUESTIONS)
async def test_answers_fit_a_phone(
    check: str, name: str, tools: Tools, templates: Templates, runbooks: dict[str, Runbook]
) -> None:
    buckets = [
        ("http_request_duration_seconds_bucket", {"method": "GET", "endpoint": path, "le": le}, n)
        for path in ("/api/v1/pnl", "/api/v1/a/rather/long/path/<id>")
        for le, n in (("0.5", 10), ("10.0", 1_000_000), ("+Inf", 1_000_001))
    ]
    state = ServiceState(
        unit="sovani-scheduler",
        running=True,
        detail="active (running)",
        run_id="",
        since=NOON - 9 * ONE_DAY,
        restarts=2,
        memory_bytes=123_456_789,
    )
    ready = replace(
        tools,
        web=FakeWeb([Sample(*one) for one in buckets]),
        services=FakeServices(state),
        shop=FakeSize(SIZE) if check == "check_db_growth" else tools.shop,
    )

    text = await answer(ready, templates, question_of(runbooks[check], name))

    tables = [part.split("</pre>")[0] for part in text.split("<pre>")[1:]]
    assert tables
    assert max(len(plain(line)) for table in tables for line in table.splitlines()) <= WIDEST
    assert len(text) < 4096
    assert EVIL not in text


@pytest.mark.parametrize(("check", "name"), QUESTIONS)
async def test_an_empty_shop_has_answers_too(
    check: str, name: str, tools: Tools, templates: Templates, runbooks: dict[str, Runbook]
) -> None:
    assert await answer(tools, templates, question_of(runbooks[check], name))
