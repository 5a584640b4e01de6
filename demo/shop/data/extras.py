"""Stock and reviews: the parts of the shop that no switch breaks."""

import sqlite3
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import TypeAlias

from demo.shop.clock import stamp
from demo.shop.data.catalog import MARKETPLACES, Catalog

STOCK_DAYS = 30
REVIEWS_A_DAY = 12
Review: TypeAlias = tuple[str, str, int, str, int, int, str, str, str | None, str | None]
_TEXTS = {
    5: ("Excellent, thank you!", "Just as in the picture.", "Came fast, well packed."),
    4: ("Good for the money.", "Fine, the box was a little dented."),
    3: ("So-so, the colour differs.", "Runs small."),
    2: ("The seam came apart in a week.", "Not as described."),
    1: ("Arrived broken.", "The wrong item came."),
}


def write_stock(connection: sqlite3.Connection, catalog: Catalog, day: date) -> None:
    connection.executemany(
        "INSERT OR IGNORE INTO daily_stock (d, sku_id, warehouse_id, on_hand, in_transit,"
        " src_hash) VALUES (?, ?, ?, ?, ?, 'stock')",
        _stock(catalog, day),
    )


def write_reviews(connection: sqlite3.Connection, catalog: Catalog, day: date) -> None:
    connection.executemany(
        "INSERT OR IGNORE INTO reviews VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        _reviews(catalog, day),
    )


def _stock(catalog: Catalog, day: date) -> Iterator[tuple[str, int, int, int, int]]:
    text, number = day.isoformat(), day.toordinal()
    for offers in catalog.offers.values():
        for offer in offers:
            # Runs down over a fortnight, then a delivery fills it up.
            left = 14 - (number + offer.sku_id) % 14
            coming = int(offer.pull * 10) if left < 4 else 0  # noqa: PLR2004  # on its way
            yield text, offer.sku_id, offer.warehouse_id, int(left * offer.pull * 2), coming


def _reviews(catalog: Catalog, day: date) -> Iterator[Review]:
    rng = Random(f"reviews:{day}")
    for number in range(REVIEWS_A_DAY):
        marketplace = rng.choice(MARKETPLACES)
        written = datetime.combine(day, time(), UTC) + timedelta(seconds=rng.randrange(86_000))
        rating = rng.choices((5, 4, 3, 2, 1), (60, 18, 9, 6, 7))[0]
        answered = rng.random() > 0.08  # noqa: PLR2004  # the rest waits for an answer
        replied = written + timedelta(minutes=rng.randrange(10, 900))
        yield (
            f"{marketplace}-{day:%Y%m%d}-{number:03d}",
            marketplace,
            rng.choice(catalog.offers[marketplace]).sku_id,
            stamp(written),
            rating,
            int(rng.random() < 0.2),  # noqa: PLR2004  # one in five has a picture
            rng.choice(_TEXTS[rating]),
            "sent" if answered else "pending",
            f"r-{day:%m%d}-{number}" if answered else None,
            stamp(replied) if answered else None,
        )
