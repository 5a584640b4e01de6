"""What the shop sells, from where, and what the marketplaces charge for it."""

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import TypeAlias

from demo.shop.data.shelf import BRANDS, CATEGORIES, WAREHOUSES, Rate

MARKETPLACES = ("WB", "OZON")
RULE_LIFE = timedelta(days=60)  # how often a marketplace changes its rates
Value: TypeAlias = str | int | float | None


@dataclass(frozen=True, slots=True)
class Offer:
    """A SKU sold from one warehouse. `price` is in roubles, `pull` the items a usual day sells."""

    sku_id: int
    warehouse_id: int
    channel: str
    category: str
    price: float
    pull: float


@dataclass(frozen=True, slots=True)
class Rule:
    marketplace: str
    category: str
    rate: Rate
    start: str
    end: str | None

    def holds_on(self, day: str) -> bool:
        return self.start <= day and (self.end is None or day < self.end)


@dataclass(frozen=True, slots=True)
class Catalog:
    offers: Mapping[str, Sequence[Offer]]
    rules: Sequence[Rule]

    def rates_on(self, marketplace: str, day: date) -> dict[str, Rate]:
        text = day.isoformat()
        rules = (r for r in self.rules if r.marketplace == marketplace and r.holds_on(text))
        return {rule.category: rule.rate for rule in rules}


def fill(connection: sqlite3.Connection, *, skus: int, first: date, last: date) -> None:
    """Write SKUs, warehouses and the commission rules that hold between two days."""
    connection.executemany("INSERT INTO sku VALUES (?, ?, ?, ?, ?, ?, ?)", _skus(skus))
    connection.executemany("INSERT INTO warehouse VALUES (?, ?, ?, ?, ?)", _warehouses())
    connection.executemany(
        "INSERT INTO commission_rules (marketplace, category, rate_pct, fixed_per_unit,"
        " effective_from, effective_until, updated_at) VALUES (?, ?, ?, ?, ?, ?, ?)",
        _rules(first, last),
    )


def load(connection: sqlite3.Connection) -> Catalog:
    places: dict[str, list[tuple[int, str]]] = {name: [] for name in MARKETPLACES}
    for place in connection.execute("SELECT id, marketplace, code FROM warehouse ORDER BY id"):
        places[place[1]].append((place[0], place[2].rpartition("-")[2]))
    offers: dict[str, list[Offer]] = {name: [] for name in MARKETPLACES}
    for sku_id, marketplace, category in connection.execute(
        "SELECT id, marketplace, category FROM sku ORDER BY id"
    ):
        offers[marketplace] += _offers(sku_id, category, places[marketplace])
    rules = connection.execute(
        "SELECT marketplace, category, rate_pct, fixed_per_unit, effective_from, effective_until"
        " FROM commission_rules"
    )
    return Catalog(
        offers, [Rule(m, c, Rate(pct, fixed), a, z) for m, c, pct, fixed, a, z in rules]
    )


def _offers(sku_id: int, category: str, places: list[tuple[int, str]]) -> Iterator[Offer]:
    """Each SKU is sold from two warehouses; dear things sell less."""
    rng = Random(f"offer:{sku_id}")
    price = round(rng.lognormvariate(6.7, 0.6) / 10) * 10 - 1.0
    pull = rng.lognormvariate(0, 0.5) * (900 / price) ** 0.3
    chosen = {(sku_id + step) % len(places) for step in (0, 1)}
    for index in sorted(chosen):
        warehouse_id, channel = places[index]
        yield Offer(sku_id, warehouse_id, channel, category, price, pull)


def _skus(count: int) -> Iterator[tuple[Value, ...]]:
    names = list(CATEGORIES)
    for sku_id in range(1, count + 1):
        marketplace = MARKETPLACES[sku_id % 2]
        rng = Random(f"sku:{sku_id}")
        number = rng.randrange(10**8, 2 * 10**8)
        category = names[rng.randrange(len(names))]
        wb, ozon = (number, None) if marketplace == "WB" else (None, number)
        article = f"{CATEGORIES[category].code}-{sku_id:05d}"
        yield sku_id, marketplace, wb, ozon, article, rng.choice(BRANDS), category


def _warehouses() -> Iterator[tuple[Value, ...]]:
    for number, (marketplace, code, name, region) in enumerate(WAREHOUSES, start=1):
        yield number, marketplace, code, name, region


def _rules(first: date, last: date) -> Iterator[tuple[Value, ...]]:
    """Rates step a little every two months; the last step stays open."""
    starts = [first - timedelta(days=30)]
    while starts[-1] + RULE_LIFE <= last:
        starts.append(starts[-1] + RULE_LIFE)
    ends = [*(day.isoformat() for day in starts[1:]), None]
    for marketplace in MARKETPLACES:
        for name, category in CATEGORIES.items():
            usual = category.rates[marketplace]
            for step, (start, end) in enumerate(zip(starts, ends, strict=True)):
                rate = usual.pct + 0.5 * (step % 4)
                day = start.isoformat()
                yield marketplace, name, rate, usual.fixed, day, end, f"{day} 06:00:00.000000"
