"""The morning in five seconds: cash, yesterday's sales, alerts, the night's jobs, keys."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from bot.core import todo
from bot.core.keyboard import Key
from bot.core.model import Alert, Json, Phrase, Reading, Status, Unreadable
from bot.core.question import Asking, Command, Page
from bot.core.verbs import Verb
from bot.questions import cash
from bot.questions._values import number, roubles
from bot.questions.status import by_severity
from bot.questions.tokens import SOON_DAYS

NEEDS = {"daily_sales": ["d", "sku_id", "revenue_gross"], "sku": ["id", "marketplace"]}
JOBS, KEYS = "check_scheduler_on_time", "check_token_expiry"
SHOWN = 3
WEEK = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class Sales:
    """Yesterday, and the same weekday a week before; None: nothing is known of that day."""

    marketplace: str
    rub: float | None
    before_rub: float | None

    @property
    def change_pct(self) -> float | None:
        if self.rub is None or not self.before_rub:
            return None
        return 100 * (self.rub - self.before_rub) / self.before_rub


def command() -> Command:
    return Command(
        name="brief",
        about="The morning in five seconds: cash, sales, alerts, jobs of the night, keys",
        read=read,
        place=11,
        runbooks=[3],
    )


async def read(asking: Asking) -> Page:
    (money, poor), (sold, unsold) = await asyncio.gather(_cash(asking), _sales(asking))
    alerts, items = await asking.store.read(lambda tx: (tx.alerts.open(), tx.todos.open()))
    return Page(
        template="answers/brief.html.j2",
        values={
            "today": asking.moment.local,
            "yesterday": asking.moment.yesterday.isoformat(),
            "cash": money,
            "cash_trouble": poor,
            "sales": sold,
            "sales_trouble": unsold,
            "severities": by_severity(alerts),
            "alerts": [(one, asking.wording.alert_line(one)) for one in _worst(alerts)],
            "more": max(0, len(alerts) - SHOWN),
            "steps": todo.tally(items, asking.moment.now),
            "step": items[0] if items else None,
            "jobs": await _readings(asking, JOBS),
            "off": asking.book.runbooks.keys() - asking.book.watched.keys(),
            "keys": [one for one in await _readings(asking, KEYS) or () if _ends_soon(one)],
        },
        keys=[
            [Key("Cash", Verb.ASK, "cash"), Key("Alerts", Verb.ASK, "alerts")],
            [Key("Jobs", Verb.ASK, "jobs"), Key("Status", Verb.ASK, "status")],
        ],
    )


def _worst(alerts: Sequence[Alert]) -> Sequence[Alert]:
    return alerts[:SHOWN]  # the store has them worst first


async def _cash(asking: Asking) -> tuple[dict[str, object] | None, Phrase | None]:
    try:
        # With the day that the week began after: the card of the alert has the same change.
        page = await cash.read(replace(asking, args={"days": WEEK + 1}))
    except Unreadable as unreadable:
        return None, unreadable.why
    return dict(page.values), None


async def _sales(asking: Asking) -> tuple[list[Sales], Phrase | None]:
    yesterday = asking.moment.yesterday
    before = yesterday - timedelta(days=WEEK)
    window = {"since": before.isoformat(), "until": asking.moment.today.isoformat()}
    try:
        await asking.tools.shop.require(NEEDS)
        rows = await asking.tools.shop.rows("answers/report_sales.sql.j2", **window)
    except Unreadable as unreadable:
        return [], unreadable.why
    sums = {
        (str(row["marketplace"]), str(row["day"])[:10]): roubles(row["sales_rub"]) for row in rows
    }
    names = sorted({name for name, _ in sums})
    return [
        Sales(
            marketplace=name,
            rub=sums.get((name, yesterday.isoformat())),
            before_rub=sums.get((name, before.isoformat())),
        )
        for name in names
    ], None


async def _readings(asking: Asking, check: str) -> Sequence[Reading] | None:
    """What the check saw last; None: it could not look."""
    state = await asking.store.read(lambda tx: tx.checks.get(check))
    if state is None or (state.status is Status.UNKNOWN and not state.readings):
        return None
    return state.readings


def _ends_soon(reading: Reading) -> bool:
    left: Json = reading.facts.get("days_left")
    days = number(left)
    return reading.status is Status.FIRING or (days is not None and days <= SOON_DAYS)
