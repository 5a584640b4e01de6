"""The month in numbers, on the first."""

from bot.core.planned import Turn
from bot.core.question import Asking
from bot.core.schedule import Deed, Scheduled, answer, posted


def schedule() -> Scheduled:
    return Scheduled(
        name="report_monthly",
        title="Monthly report",
        about="Posts /report monthly to the alert chats: days from sale to payout, incidents, "
        "answer times.",
        when="10 9 1 * *",
        work=work,
    )


async def work(asking: Asking, turn: Turn) -> Deed:
    return posted(asking, turn, await answer(asking, "report monthly"))
