"""Commissions of a month are reviewed by somebody, who says so."""

from datetime import timedelta

from bot.core import review
from bot.core.planned import Turn
from bot.core.question import Asking
from bot.core.schedule import Deed, Scheduled, answer


def schedule() -> Scheduled:
    return Scheduled(
        name="review",
        title="Reconciliation review",
        about="Opens an alert with last month's commissions against the rules. Somebody takes it "
        "and closes it with /resolve; until then it reminds as any warning does.",
        when="0 10 1 * *",
        work=work,
    )


async def work(asking: Asking, turn: Turn) -> Deed:
    page = await answer(asking, f"outliers {review.DAYS}")
    month = (asking.moment.local.replace(day=1) - timedelta(days=1)).date()
    return review.opened(asking, turn, page, month)
