"""Alerts that may be one incident: each card names the other, and both ring."""

from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest

import checks
from bot.core.model import Severity, fires, ok
from bot.edges.cards import Cards
from bot.edges.templates import Templates, plain
from tests.core.trace import Day

LATENCY, GROWTH = "check_api_latency_p95", "check_db_growth"
FAST = ok("web API", p95_ms=200.0, threshold_ms=1200.0)
SLOW = fires(
    "web API",
    Severity.WARNING,
    p95_ms=2345.0,
    threshold_ms=1200.0,
    at_least=False,
    requests=120,
    window_sec=300.0,
    slowest=[],
)
SMALL = ok("shop database", total_bytes=1_000_000_000)
LARGE = fires(
    "shop database",
    Severity.WARNING,
    cause="size",
    total_bytes=6_100_000_000,
    main_bytes=6_000_000_000,
    wal_bytes=100_000_000,
    free_bytes=None,
    warn_bytes=5_000_000_000,
    error_bytes=8_000_000_000,
    limit_bytes=10_000_000_000,
    days_to_limit=None,
    growth_bytes_per_day=None,
    disk_free_pct=None,
    disk_free_bytes=None,
    disk_total_bytes=None,
)
DISK = fires("disk /var/lib", Severity.WARNING, mount="/var/lib")
NAMES_GROWTH = "🔗 Open too, perhaps one incident: #2 (The database is"


@pytest.fixture
def shop(day: Day) -> Day:
    """The real checks, of which none acts by itself here."""
    books = {name: replace(one, automatic=None) for name, one in checks.load({}).items()}
    day.book = replace(day.book, runbooks=books)
    return day


async def card(day: Day, alert_id: int) -> str:
    cards = Cards(
        book=day.book, templates=Templates(zone=ZoneInfo("Europe/Moscow"), clock=day.clock)
    )
    alert = await day.alert(alert_id)
    return plain(await day.store.read(lambda tx: cards.alert_card(tx, alert, day.clock())))


async def test_a_slow_api_and_a_large_database_name_each_other(shop: Day) -> None:
    await shop.sees(SLOW, check=LATENCY)
    before = await shop.alert(1)
    assert "🔗" not in await card(shop, 1)
    await shop.sees(LARGE, check=GROWTH)
    assert shop.rings() == ["0 team card", "0 team card"]  # neither explains the other away
    assert NAMES_GROWTH in await card(shop, 1)
    assert "🔗 Open too, perhaps one incident: #1 (" in await card(shop, 2)
    assert (await shop.alert(1)).version > before.version  # its cards are shown anew


async def test_what_is_over_is_named_no_longer(shop: Day) -> None:
    await shop.sees(SLOW, check=LATENCY)
    await shop.sees(LARGE, check=GROWTH)
    before = await shop.alert(1)
    await shop.sees(SMALL, check=GROWTH)
    assert "🔗" not in await card(shop, 1)
    assert (await shop.alert(1)).version > before.version


async def test_another_disk_slows_no_query(shop: Day) -> None:
    await shop.sees(SLOW, check=LATENCY)
    await shop.sees(DISK, check=GROWTH)
    assert "🔗" not in await card(shop, 1)
