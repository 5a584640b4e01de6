"""A bad day with wide values: what answers must still fit a phone with."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from bot.core.archives import ArchiveFile, Shelf
from bot.core.model import Json, Severity, Source, State, Status, fires, ok, phrase, unknown
from bot.core.ports import Tx
from bot.core.records import Beat, CheckState, HistoryEntry, Silence
from bot.core.tariffs import Tariff, TariffList
from bot.core.tools import (
    ColumnInfo,
    DatabaseSize,
    IndexInfo,
    PlanStep,
    TableInfo,
    TableSchema,
)
from bot.edges.schedules import parse as parse_jobs
from tests.conftest import NOON

HOUR = timedelta(hours=1)
FULL: dict[str, Json] = {
    "total_bytes": 8_600_000_000,
    "warn_bytes": 5_000_000_000,
    "error_bytes": 8_000_000_000,
    "limit_bytes": 10_000_000_000,
    "cause": "size",
    "main_bytes": 8_500_000_000,
    "wal_bytes": 100_000_000,
    "free_bytes": 2_500_000_000,
    "growth_bytes_per_day": 12_000_000,
    "days_to_limit": 116,
    "disk_free_bytes": 40_000_000_000,
    "disk_free_pct": 43.2,
}
POOR: dict[str, Json] = {
    "balance_rub": -12_345_678.0,
    "threshold_rub": -10_000.0,
    "clears_above_rub": -8_000.0,
    "day": "2026-11-22",
    "change_7d_rub": None,
    "flows_7d": [],
}
WRONG: dict[str, Json] = {
    "outliers": 1234,
    "rows": 56_789,
    "days": 7,
    "max_outliers": 5,
    "at_stake_rub": 98_765.4,
}
YESTERDAY = NOON - 27 * HOUR
LONG = "Konstantin Konstantinopolsky"
BOT = "SoVAni Ops"
CONTACTS = (
    "System admin of the whole shop and its host = @konstantin_konstantinopolsky, "
    "+7 900 000-00-00; Finance = finance@company.com; DevOps on-call = oncall@company.com; "
    "WB support = support@wildberries.ru; Ozon support = seller@ozon.ru"
)
STORY: list[tuple[int, timedelta, str, str, dict[str, Any]]] = [
    (4, 27 * HOUR, BOT, "opened", {"severity": "warning"}),
    (2, 26 * HOUR, BOT, "opened", {"severity": "warning"}),
    (4, 26 * HOUR, BOT, "resolved", {"proof": {}}),
    (2, 25 * HOUR, BOT, "reminded", {}),
    (2, 24 * HOUR, BOT, "severity", {"frm": "warning", "to": "error"}),
    (2, 23 * HOUR, "Ann <script>", "acknowledged", {}),
    (2, 22 * HOUR, "Boris", "given_back", {"taken_by": "Ann <script>"}),
    (2, 21 * HOUR, BOT, "escalated", {}),
    (2, 20 * HOUR, "Boris", "asked", {"action": "Run VACUUM"}),
    (2, 20 * HOUR, "Boris", "confirmed", {"action": "Run VACUUM"}),
    (2, 19 * HOUR, BOT, "requested", {"action": "Run VACUUM"}),
    (2, 18 * HOUR, BOT, "flapping", {"changes": 6}),
    (2, 17 * HOUR, BOT, "inhibited", {"by": 1}),
    (2, 16 * HOUR, BOT, "released", {}),
    (2, 15 * HOUR, LONG, "note", {"text": "<b>tried & failed</b> " * 22, "key": "1"}),
    (2, 14 * HOUR, BOT, "reopened", {"times": 3}),
    (2, 13 * HOUR, LONG, "unsilenced", {}),
    (1, 2 * HOUR, BOT, "opened", {"severity": "warning"}),
    (2, HOUR, LONG, "acknowledged", {}),
    (2, HOUR, "Ann <script>", "silenced", {"until": (NOON + HOUR).isoformat(), "why": "w" * 99}),
    (3, 3 * HOUR, BOT, "opened", {"severity": "critical"}),
]
RIGHT = WRONG | {"outliers": 2}


JOBS = (
    "backup-of-the-whole-shop-to-the-other-side=@daily+2h; sync=*/15 * * * *+5m; "
    "report=6h+30m; archive=0 3 1 * *+4h; new=1h+10m"
)
PLANS_OF_JOBS = {one.job: one.plan(ZoneInfo("Europe/Moscow")) for one in parse_jobs(JOBS)}
BEATS = (
    Beat(
        job="backup-of-the-whole-shop-to-the-other-side",
        since=NOON - 14 * HOUR,
        ok_at=NOON - 14 * HOUR,
        took_seconds=1234,
    ),
    Beat(job="sync", since=NOON - HOUR, ok_at=NOON - HOUR, took_seconds=0.4),
    Beat(job="report", since=NOON - HOUR, ok_at=NOON - HOUR, failed_at=NOON - HOUR / 2),
    Beat(job="archive", since=NOON - 9 * HOUR, started_at=NOON - 5 * HOUR),
    Beat(job="new", since=NOON - HOUR / 2),
)


def state(name: str, status: Status, *readings: Any, **more: Any) -> CheckState:  # noqa: ANN401  # a test's own
    values = {"since": NOON - 3 * HOUR, "round_at": NOON - timedelta(minutes=2), **more}
    return CheckState(name=name, status=status, readings=readings, **values)


def bad_day(tx: Tx) -> None:
    """Each kind of state once: firing, mixed, blind, idle, overdue, never looked."""
    for beat in BEATS:
        tx.beats.save(beat)
    poor = fires("cash balance", Severity.CRITICAL, **POOR)
    wrong = fires("OZON", Severity.WARNING, **WRONG)
    full = fires("shop database", Severity.ERROR, **FULL)
    tx.checks.save(state("check_cash_balance_threshold", Status.FIRING, poor))
    tx.checks.save(state("check_commission_outliers", Status.FIRING, ok("WB", **RIGHT), wrong))
    locked = phrase("shop_locked", path="/var/lib/sovani/sovani_bot.db")
    tx.checks.save(
        state(
            "check_ingest_success_rate",
            Status.UNKNOWN,
            ok("WB", rows=500, day="2026-11-22", usual_rows=480),
            why=locked,
            unknown_rounds=3,
            source=Source.SHOP_DATABASE,
        )
    )
    quiet = phrase("latency_no_requests")
    tx.checks.save(
        state(
            "check_api_latency_p95",
            Status.UNKNOWN,
            unknown("web API", quiet, idle=True),
            why=quiet,
            idle=True,
        )
    )
    slim = ok("shop database", **FULL | {"total_bytes": 3_100_000_000, "days_to_limit": None})
    tx.checks.save(
        state("check_db_growth", Status.OK, slim, round_at=NOON - HOUR, ok_at=NOON - HOUR)
    )
    tx.alerts.add("check_commission_outliers", wrong, NOON - 2 * HOUR)
    taken = tx.alerts.add("check_db_growth", full, NOON - 26 * HOUR)
    tx.alerts.save(
        replace(
            taken,
            state=State.ACKNOWLEDGED,
            acknowledged_by="Konstantin Konstantinopolsky",
            acknowledged_at=NOON - HOUR,
        )
    )
    tx.silences.add(
        Silence(
            id=0,
            check=taken.check,
            subject=taken.subject,
            severity=taken.severity,
            by_name="Ann <script>",
            why="",
            created_at=NOON - HOUR,
            until=NOON + HOUR,
        )
    )
    tx.alerts.add("check_cash_balance_threshold", poor, NOON - 3 * HOUR)
    past = tx.alerts.add("check_db_growth", fires("old disk", Severity.WARNING, **FULL), YESTERDAY)
    ended = YESTERDAY + HOUR
    tx.alerts.save(replace(past, state=State.RESOLVED, resolved_at=ended, proof=FULL))
    for alert_id, ago, who, event, values in STORY:
        tx.alerts.write(
            HistoryEntry(alert_id=alert_id, at=NOON - ago, who=who, event=event, values=values)
        )


def all_well(tx: Tx) -> None:
    rich = {**POOR, "balance_rub": 1_234_567.0}
    facts: dict[str, dict[str, Any]] = {
        "check_api_latency_p95": {"p95_ms": 412, "limit_ms": 1200, "requests": 1500},
        "check_ingest_success_rate": {"rows": 500, "day": "2026-11-22", "usual_rows": 480},
        "check_cash_balance_threshold": rich,
        "check_commission_outliers": RIGHT,
        "check_db_growth": FULL | {"total_bytes": 3_100_000_000, "days_to_limit": 340},
        "check_scheduler_on_time": {},
    }
    for name, values in facts.items():
        tx.checks.save(state(name, Status.OK, ok("everything", **values)))


def balances(days: int, low: float = -98_765_432.0) -> list[dict[str, Any]]:
    """The widest numbers a seller of this size could have, some missing, some nonsense."""
    first = date(2026, 11, 22) - timedelta(days=days - 1)
    rows: list[dict[str, Any]] = [
        {"day": (first + timedelta(days=n)).isoformat(), "balance_rub": low + n * 1_000_000.4}
        for n in range(days)
    ]
    if days > 3:
        rows[-2]["balance_rub"] = "n/a"
    return rows


def flows(days: int, *markets: str) -> list[dict[str, Any]]:
    return [
        {
            "day": row["day"],
            "marketplace": name,
            "inflow_rub": 1_234_567.89,
            "outflow_rub": 2_345_678.9,
            "net_rub": -1_111_111.01,
        }
        for row in balances(days)[1:]
        for name in markets
    ]


def outliers(count: int) -> list[dict[str, Any]]:
    return [
        {
            "day": "2026-11-22",
            "marketplace": "OZON" if number % 2 else "WB",
            "article": None if number == 3 else f"<b>&ART-{number:08}-XXL-anthracite",
            "sku_id": 1000 + number,
            "charged_rub": 123_456.0,
            "by_rules_rub": 12_345.0,
            "difference_rub": (-1) ** number * 111_111.4 / (number + 1),
            "difference_pct": (900.4, -99.6, 12_345.0, None)[number % 4],
        }
        for number in range(count)
    ]


SUMS: list[dict[str, Any]] = [
    {
        "marketplace": name,
        "total_rows": 56_789,
        "judged_rows": judged,
        "outliers": count,
        "at_stake_rub": 98_765_432.1,
        "overcharged_rub": 12_345_678.9,
    }
    for name, judged, count in (("OZON", 56_789, 1200), ("WB", 50_000, 34), ("YM", 9, 0))
]


def off_articles() -> list[dict[str, Any]]:
    """One group of each suggested cause, and one more of two marketplaces."""

    def of(  # noqa: PLR0913, PLR0917  # a row
        category: str, name: str, sales: int, off: int, low: float, high: float, stake: float
    ) -> dict[str, Any]:
        return {
            "marketplace": "OZON" if category < "M" else "WB",
            "category": category,
            "sku_id": 1000 + len(name),
            "article": name,
            "sales": sales,
            "judged": 0 if category == "New" else sales,
            "off_rows": off,
            "low_pct": low,
            "high_pct": high,
            "stake_rub": stake,
            "over_rub": stake,
        }

    garden = "Home & <garden> furniture for everybody"
    return [
        *(of(garden, f"<b>&ART-{n:08}-XXL-anthracite", 7, 7, 33.3, 34.0, 9e11) for n in range(9)),
        of("Cups", "oz-cups", 7, 1, 800.0, 800.0, 1_000.0),
        of("Mugs", "wb-mugs", 7, 7, 50.0, 50.4, 350.0),
        of("New", "wb-hats", 7, 0, 0.0, 0.0, 0.0),
        of("Toys", "wb-bears", 7, 5, -40.0, 90.0, 70.0),
        of("Zoo", "wb-cats", 2, 1, 12.0, 12.0, 7.0),
    ]


def inventory(count: int) -> list[dict[str, Any]]:
    return [
        {
            "article": f"<socks>-anthracite-43-46/{number}",
            "sku_id": 123_456_789_012 - number,
            "warehouse": "<Elektrostal> & the other one, 40 signs w",
            "on_hand": 999_999_999 - number,
            "in_transit": None if number % 3 else 12_345,
            "day": "2026-11-22",
        }
        for number in range(count)
    ]


def outflows(count: int) -> list[dict[str, Any]]:
    return [
        {
            "day": (date(2026, 11, 22) - timedelta(days=number // 2)).isoformat(),
            "marketplace": "YANDEX MARKET" if number % 2 else "WB",
            "outflow_rub": 123_456_789_012.4,
            "net_rub": -123_456_789_012.4 if number % 3 else 5_000,
        }
        for number in range(count)
    ]


def profits(days: int) -> list[dict[str, Any]]:
    return [
        {
            "day": (date(2026, 11, 22) - timedelta(days=number)).isoformat(),
            "revenue_rub": 123_456_789_012 / (1 + number) if number != 4 else 0,
            "cogs_rub": 12_345_678,
            "commissions_rub": "n/a" if number == 2 else 2_345_678.5,
            "profit_rub": -12_345_678_901.5 if number == 1 else 23_456_789,
        }
        for number in range(days)
    ]


def costs(days: int) -> list[dict[str, Any]]:
    names = ("commissions", "delivery", "promo", "refunds", "writeoffs")
    return [
        {
            "day": (date(2026, 11, 22) - timedelta(days=days - 1 - number)).isoformat(),
            **{
                f"{name}_rub": 1_234_567_890.0 * (3 if at == 1 and number == days - 1 else 1)
                for at, name in enumerate(names[:4])
            },
            "writeoffs_rub": 0,
        }
        for number in range(days)
    ]


def due(days: int, *markets: str) -> list[dict[str, Any]]:
    return [
        {
            "day": (date(2026, 11, 15) - timedelta(days=number)).isoformat(),
            "marketplace": name,
            "due_rub": 123_456_789_012.0,
        }
        for number in range(days)
        for name in markets
    ]


def rules(categories: int) -> list[dict[str, Any]]:
    """Three rules a category, the newest first."""
    spans = [("2026-09-01", None, 12.5), ("2025-02-01", "2026-09-01", 100.25), ("", "x", None)]
    return [
        {
            "category": f"Home & <garden> furniture for everybody {number}",
            "rate_pct": rate,
            "fixed_rub": 123_456 if number % 2 else 0,
            "since": since,
            "until": until,
        }
        for number in range(categories)
        for since, until, rate in (spans * 3 if number == 1 else spans)
    ]


def tariff_list() -> TariffList:
    """One subject for each category of `rules`: some as they are, some not, one parent of two."""

    def of(number: int, rate: float, parent: str = "Home & <garden>") -> Tariff:
        name = f"HOME & <GARDEN> furniture for everybody {number}"
        return Tariff(parent=parent, subject=name, rate_pct=rate)

    differ = [of(number, 12.5 + number / 8) for number in range(9)]
    spread = [of(9, 0.125), of(9, 99.875, parent="another parent")]
    same = [of(number, 12.5) for number in range(10, 30)]
    return TariffList(
        at=NOON - timedelta(minutes=59),
        column="paidStorageKgvp",
        tariffs=[*differ, *spread, *same],
        unread=1234,
    )


TABLES = [
    TableInfo(name="daily_sales", rows=123_456_789_012),
    TableInfo(name="a_table_of_another_program_with_a_very_long_name", rows=None),
    TableInfo(name="sku", rows=300),
    TableInfo(name="vw_cashflow_daily", view=True),
    TableInfo(name="vw_commission_recon", view=True),
]
SCHEMAS = {
    "vw_cashflow_daily": TableSchema(
        columns=[
            ColumnInfo(name="d", type="DATE", required=True, key=1),
            ColumnInfo(name="balance_of_all_marketplaces_together", type="character varying(255)"),
            ColumnInfo(name="org_id", type="INTEGER", required=True),
        ],
        indexes=[
            IndexInfo(name="a", columns=["d", "org_id"], unique=True),
            IndexInfo(name="b", columns=["balance_of_all_marketplaces_together", "org_id"]),
        ],
    )
}
PLANS = [
    PlanStep(depth=0, text="CO-ROUTINE n"),
    PlanStep(depth=1, text="SCAN s", scan=True),
    PlanStep(
        depth=1,
        text="SEARCH r USING INDEX sqlite_autoindex_commission_rules_1 (marketplace=? AND a<?)",
    ),
    PlanStep(depth=0, text="USE TEMP B-TREE FOR ORDER BY"),
]
SCHEMA: list[dict[str, Any]] = [
    {"type": kind, "name": name, "sql": sql}
    for kind, name, sql in (
        ("table", "daily_sales", "CREATE TABLE daily_sales (id INTEGER PRIMARY KEY, total REAL)"),
        ("table", "raw_lines", "CREATE TABLE raw_lines (at DATETIME, line TEXT)"),
        ("table", "sku", "CREATE TABLE sku (id INTEGER PRIMARY KEY AUTOINCREMENT)"),
        (
            "view",
            "vw_" + "very_long_name_" * 4,
            "CREATE VIEW x AS SELECT strftime('%Y', d), ifnull(a, 0) FROM t -- rowid",
        ),
        ("index", "ix", "CREATE INDEX ix ON daily_sales (d)"),
    )
]

ARCHIVES = Shelf(
    folder="/var/lib/sovani-ops/archive",
    files=[
        ArchiveFile(
            name=f"daily_sales_before_2026-0{month}-29_1a2b3c4{month}",
            rows=5_123_456 * month,
            first="2024-01-01",
            before=f"2026-0{month}-29",
            bytes=212_345_678 * month,
            made_at=f"2026-1{month % 3}-0{month}T11:25:00+00:00",
            shop="sovani_bot.db",
            whole=whole,
        )
        for month, whole in ((9, True), (8, False), (7, None), *((n, True) for n in range(1, 6)))
    ],
    unfinished=["daily_sales_before_2026-05-29_1a2b3c4d.jsonl.gz.part"],
    unfinished_bytes=45_000_000,
)


LARGE = DatabaseSize(
    name="sovani_bot_of_all_the_marketplaces_together.db",
    main_bytes=98_765_432_109,
    wal_bytes=12_345_678_901,
    free_bytes=45_678_901_234,
    disk_free_bytes=1_234_567_890_123,
    disk_total_bytes=98_765_432_109_876,
)
GREW = 1_234_567_890  # bytes a day
GREW_BEFORE: Json = [
    {
        "at": (NOON - timedelta(days=days)).isoformat(),
        "bytes": LARGE.main_bytes + LARGE.wal_bytes - days * GREW,
    }
    for days in range(13, 0, -1)
]


def answered(tx: Tx) -> None:
    """Three hundred answers of fifteen people, by night and by day, of every severity."""
    for number in range(300):
        severity = list(Severity)[1 + number % 3]
        subject = f"store {number}"
        opened_at = NOON - timedelta(days=2 + number % 80)
        alert = tx.alerts.add("external", fires(subject, severity), opened_at)
        spans = (timedelta(hours=23, minutes=59), timedelta(milliseconds=400), timedelta(days=1))
        who = f"Конст{number % 15:02} Константинопольский-Васильев <&>"
        told: list[tuple[datetime, str, str, dict[str, Any]]] = [
            (opened_at, BOT, "opened", {"severity": severity.value}),
            (opened_at + spans[number % 3], who, "acknowledged", {"user": 1000 + number % 15}),
        ]
        for at, name, event, values in told[: 1 if number % 60 == 7 else 2]:
            entry = HistoryEntry(alert_id=alert.id, at=at, who=name, event=event, values=values)
            tx.alerts.write(entry)
