"""Builds the shop's database, and brings an older one up to yesterday."""

import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

from demo.shop.data import catalog as shelf
from demo.shop.data import extras, history, money, sales
from demo.shop.data.catalog import MARKETPLACES, Catalog
from demo.shop.database import opened, transaction
from demo.shop.schedule import NIGHTLY

FORMAT = 3  # in `user_version`: a file made by another generator is built anew
DETAIL_DAYS = 90  # profit by SKU is kept this long; sales and cash flow stay
RECALC = timedelta(days=8)
_SCHEMA = Path(__file__).with_name("schema.sql")
_FAST = "PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA cache_size=-200000;"


def _quiet(_text: str) -> None:
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What to build. `rows` asks for an exact number of sales and grows the SKUs for it."""

    yesterday: date
    now: datetime
    days: int = 90
    skus: int = 500
    rows: int | None = None
    seed: int = sales.SEED
    jobs: Mapping[str, str] = field(default_factory=lambda: NIGHTLY)

    @property
    def first(self) -> date:
        return self.yesterday - timedelta(days=self.days - 1)

    @property
    def sku_count(self) -> int:
        if self.rows is None:
            return self.skus
        offers = self.rows / self.days / sales.USUAL_SHARE
        return max(20, -(-int(offers) // 2) + 2)


def build(path: Path, plan: Plan, tell: Callable[[str], None] = _quiet) -> None:
    """Build beside `path` and move there when complete, in WAL mode."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(path.name + ".draft")
    draft.unlink(missing_ok=True)
    with closing(sqlite3.connect(draft, isolation_level=None)) as connection:
        connection.executescript(_FAST + _SCHEMA.read_text(encoding="utf-8"))
        with transaction(connection):
            _write(connection, plan, tell)
        connection.execute(f"PRAGMA user_version={FORMAT}")
        connection.execute("PRAGMA journal_mode=WAL")
    for suffix in ("-wal", "-shm", "-journal"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
    draft.replace(path)


def usable(path: Path) -> bool:
    """Tell whether `path` holds a database that `top_up` can go on with."""
    try:
        with opened(path) as connection:
            known = bool(connection.execute("PRAGMA user_version").fetchone()[0] == FORMAT)
            return known and connection.execute("SELECT 1 FROM daily_sales").fetchone() is not None
    except (OSError, sqlite3.Error):
        return False


def top_up(path: Path, plan: Plan) -> int:
    """Write the days that are missing up to yesterday; returns how many there were."""
    with opened(path) as connection, transaction(connection):
        catalog = shelf.load(connection)
        last = connection.execute("SELECT MAX(d) FROM daily_sales").fetchone()[0]
        days = list(_days(date.fromisoformat(last) + timedelta(days=1), plan.yesterday))
        for day in days or [plan.yesterday]:
            for marketplace in sales.missing(connection, day):
                sales.collect(connection, catalog, marketplace, day)
            extras.write_stock(connection, catalog, day)
            extras.write_reviews(connection, catalog, day)
        start = min([*days, plan.yesterday]) - RECALC
        money.recalc_cash(connection, start, plan.yesterday)
        money.recalc_pnl(connection, start, plan.yesterday)
        history.fill_gap(connection, plan.jobs, now=plan.now)
    return len(days)


def _write(connection: sqlite3.Connection, plan: Plan, tell: Callable[[str], None]) -> None:
    shelf.fill(connection, skus=plan.sku_count, first=plan.first, last=plan.yesterday)
    catalog = shelf.load(connection)
    _write_sales(connection, catalog, plan, tell)
    tell("cash flow and profit")
    detail = max(plan.first, plan.yesterday - timedelta(days=DETAIL_DAYS - 1))
    money.open_account(connection, plan.first)
    money.recalc_cash(connection, plan.first, plan.yesterday)
    money.recalc_pnl(connection, detail, plan.yesterday)
    tell("stock, reviews and job history")
    stock = max(plan.first, plan.yesterday - timedelta(days=extras.STOCK_DAYS - 1))
    for day in _days(stock, plan.yesterday):
        extras.write_stock(connection, catalog, day)
    for day in _days(detail, plan.yesterday):
        extras.write_reviews(connection, catalog, day)
    since = datetime.combine(plan.first, time(), UTC)
    history.write_runs(connection, plan.jobs, since=since, now=plan.now)


def _write_sales(
    connection: sqlite3.Connection, catalog: Catalog, plan: Plan, tell: Callable[[str], None]
) -> None:
    for number, day in enumerate(_days(plan.first, plan.yesterday)):
        for marketplace in MARKETPLACES:
            count = _count(catalog, plan, marketplace, number)
            rows = sales.sales_of(catalog, marketplace, day, count=count, seed=plan.seed)
            connection.executemany(sales.INSERT, rows)
        if (number + 1) % 30 == 0:
            tell(f"sales: {number + 1} of {plan.days} days")


def _count(catalog: Catalog, plan: Plan, marketplace: str, number: int) -> int:
    """Spread an asked number of rows evenly over the days and both marketplaces."""
    if plan.rows is None:
        return sales.usual_sales(catalog, marketplace)
    share, rest = divmod(plan.rows, plan.days * len(MARKETPLACES))
    return share + (number * len(MARKETPLACES) + MARKETPLACES.index(marketplace) < rest)


def _days(first: date, last: date) -> Iterator[date]:
    for number in range((last - first).days + 1):
        yield first + timedelta(days=number)
