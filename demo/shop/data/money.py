"""Cash flow and profit by day, computed from the sales."""

import math
import sqlite3
from datetime import date, timedelta
from random import Random

SETTLEMENT_LAG = timedelta(days=7)
OPENING = "manual:opening"
SHARES = {"WB": 0.55, "OZON": 0.45}  # of the day's change of the balance

_PAYOUT = """
SELECT k.marketplace, SUM(s.revenue_gross - s.refunds_amount - s.commission_amount
    - s.delivery_cost - s.promo_cost)
FROM daily_sales AS s JOIN sku AS k ON k.id = s.sku_id WHERE s.d = ? GROUP BY k.marketplace
"""
# What people entered or corrected by hand ("manual:...") is not computed over.
_CASH = """
INSERT INTO cashflow_daily (d, marketplace, inflow, outflow, net, src_hash)
VALUES (?, ?, ?, ?, ?, 'recalc')
ON CONFLICT (d, marketplace) DO UPDATE
SET inflow = excluded.inflow, outflow = excluded.outflow, net = excluded.net
WHERE src_hash NOT LIKE 'manual:%'
"""
_PNL = """
INSERT INTO pnl_daily (d, sku_id, marketplace, revenue_net, cogs, gross_profit, refunds,
    delivery_cost, promo_cost, commissions, writeoffs, margin_pct, src_hash)
SELECT d, sku_id, marketplace, revenue, ROUND(0.45 * revenue, 2),
    ROUND(0.55 * revenue - commissions - delivery - promo - 0.003 * revenue, 2),
    refunds, delivery, promo, commissions, ROUND(0.003 * revenue, 2),
    ROUND(100.0 * (0.547 * revenue - commissions - delivery - promo) / NULLIF(revenue, 0), 2),
    'recalc'
FROM (
    SELECT s.d, s.sku_id, k.marketplace,
        ROUND(SUM(s.revenue_gross - s.refunds_amount), 2) AS revenue,
        ROUND(SUM(s.refunds_amount), 2) AS refunds,
        ROUND(SUM(s.delivery_cost), 2) AS delivery,
        ROUND(SUM(s.promo_cost), 2) AS promo,
        ROUND(SUM(s.commission_amount), 2) AS commissions
    FROM daily_sales AS s JOIN sku AS k ON k.id = s.sku_id
    WHERE s.d = ? GROUP BY s.d, s.sku_id, k.marketplace
)
"""


def planned_balance(day: date) -> float:
    """Return where the owner keeps the balance: about 40 million roubles, with a monthly wave.

    That pays for seven weeks of what the demo's 500 articles cost.

    Goods, taxes and the owner's pay take what comes in beyond that, so the balance of a day
    depends on nothing but the day, and recomputing any of them cannot shift the rest.
    """
    wave = 18_000 * math.sin(2 * math.pi * day.toordinal() / 31)
    return round(40_000_000 + wave + Random(f"cash:{day}").uniform(-4_000, 4_000), 2)


def open_account(connection: sqlite3.Connection, first: date) -> None:
    """Pay in the opening capital on the eve of the first day."""
    eve, capital = first - timedelta(days=1), planned_balance(first - timedelta(days=1))
    connection.execute(
        "INSERT INTO cashflow_daily VALUES (?, 'WB', ?, 0, ?, ?)",
        (eve.isoformat(), capital, capital, OPENING),
    )


def recalc_cash(connection: sqlite3.Connection, first: date, last: date) -> int:
    """Recompute the cash flow of each day of a period, both ends included."""
    oldest = connection.execute("SELECT MIN(d) FROM daily_sales").fetchone()[0]
    days = _days(first, last)
    for day in days:
        # Before the first settlement there is nothing older to be paid for.
        sold = max((day - SETTLEMENT_LAG).isoformat(), oldest or "")
        payouts = dict(connection.execute(_PAYOUT, (sold,)).fetchall())
        change = planned_balance(day) - planned_balance(day - timedelta(days=1))
        for marketplace, share in SHARES.items():
            inflow = round(payouts.get(marketplace, 0.0), 2)
            net = round(change * share, 2)
            row = (day.isoformat(), marketplace, inflow, round(inflow - net, 2), net)
            connection.execute(_CASH, row)
    return len(days)


def recalc_pnl(connection: sqlite3.Connection, first: date, last: date) -> int:
    days = _days(first, last)
    for day in days:
        connection.execute("DELETE FROM pnl_daily WHERE d = ?", (day.isoformat(),))
        connection.execute(_PNL, (day.isoformat(),))
    return len(days)


def _days(first: date, last: date) -> list[date]:
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]
