"""Changes of commission rates, from the assistant's runs and the shop's rules."""

from datetime import timedelta
from typing import Final

from bot.core import rate_log
from bot.core.model import Phrase, Unreadable
from bot.core.question import Asking
from bot.core.rate_log import Change
from bot.core.tabular import IN_A_FILE

NEEDS: Final = {
    "commission_rules": ["id", "marketplace", "category", "rate_pct", "effective_from"]
}
APART: Final = timedelta(days=90)  # a change and the day that it holds from, either way


async def read(asking: Asking, days: int) -> tuple[list[Change], Phrase | None]:
    """The newest first, and why those of others are not among them."""
    start = asking.moment.today - timedelta(days=days)
    actions = (rate_log.CHANGE, rate_log.UNDO)
    since = asking.moment.now - timedelta(days=days) - APART
    runs = await asking.store.read(lambda tx: tx.runs.of_actions(actions, since))
    try:
        await asking.tools.shop.require(NEEDS)
        rules = await asking.tools.shop.rows(
            "answers/rulelog.sql.j2", since=(start - APART).isoformat(), top=IN_A_FILE
        )
    except Unreadable as unreadable:
        return rate_log.changes(runs, None, start, asking.moment.zone), unreadable.why
    return rate_log.changes(runs, rules, start, asking.moment.zone), None
