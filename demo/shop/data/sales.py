"""A day's sales: the same day of the same shop always comes out the same."""

import math
import sqlite3
from collections.abc import Iterator
from datetime import date
from random import Random
from typing import TypeAlias

from demo.shop.data.catalog import MARKETPLACES, Catalog

SEED = 17
USUAL_SHARE = 0.7  # of the offers, how many sell on a day
SEASON = (0.95, 0.92, 0.94, 0.98, 1.08, 1.20, 1.12)  # Monday first
ODD_DAY = 5  # every fifth day one Ozon sale is charged 8 % too much: 1 or 2 in any week
COLUMNS = (
    "d, sku_id, warehouse_id, qty, refunds_qty, revenue_gross, refunds_amount, promo_cost,"
    " delivery_cost, commission_amount, channel, src_hash"
)
INSERT = f"INSERT OR IGNORE INTO daily_sales ({COLUMNS}) VALUES (?,?,?,?,?,?,?,?,?,?,?,?)"  # noqa: S608  # constants only
SaleRow: TypeAlias = tuple[str, int, int, int, int, float, float, float, float, float, str, str]


def usual_sales(catalog: Catalog, marketplace: str) -> int:
    return round(USUAL_SHARE * len(catalog.offers[marketplace]))


def sales_of(
    catalog: Catalog, marketplace: str, day: date, *, count: int, seed: int = SEED
) -> Iterator[SaleRow]:
    """`count` rows of `daily_sales`, in the order of its unique key."""
    offers = catalog.offers[marketplace]
    rates = catalog.rates_on(marketplace, day)
    rng = Random(f"{seed}:{day}:{marketplace}")
    chosen = sorted(rng.sample(range(len(offers)), min(count, len(offers))))
    season, text, number = SEASON[day.weekday()], day.isoformat(), day.toordinal()
    odd = marketplace == "OZON" and number % ODD_DAY == 0
    draw, log = rng.random, math.log
    for place, index in enumerate(chosen):
        offer = offers[index]
        qty = 1 + int(-log(1.0 - draw()) * offer.pull * season * 0.8)
        refunds = 1 if qty > 1 and draw() < 0.08 else 0  # noqa: PLR2004  # never the only piece
        kept = (qty - refunds) * offer.price
        rate = rates[offer.category]
        due = kept * rate.pct / 100 + (qty - refunds) * rate.fixed
        error = 1.08 if odd and place == number % count else 0.99 + 0.02 * draw()
        yield (
            text,
            offer.sku_id,
            offer.warehouse_id,
            qty,
            refunds,
            qty * offer.price,
            refunds * offer.price,
            round(kept * 0.03 * draw(), 2),
            round(qty * (45 + 30 * draw()), 2),
            round(due * error, 2),
            offer.channel,
            f"{(number * 2654435761 + index * 40503) & 0xFFFFFFFF:08x}",
        )


def collect(connection: sqlite3.Connection, catalog: Catalog, marketplace: str, day: date) -> int:
    """Write a usual day of one marketplace; rows that are there stay as they are."""
    rows = sales_of(catalog, marketplace, day, count=usual_sales(catalog, marketplace))
    before = connection.total_changes
    connection.executemany(INSERT, rows)
    return connection.total_changes - before


def missing(connection: sqlite3.Connection, day: date) -> list[str]:
    """Return the marketplaces without a single sale on `day`."""
    query = "SELECT DISTINCT k.marketplace FROM daily_sales s JOIN sku k ON k.id = s.sku_id"
    found = {row[0] for row in connection.execute(f"{query} WHERE s.d = ?", (day.isoformat(),))}
    return [name for name in MARKETPLACES if name not in found]
