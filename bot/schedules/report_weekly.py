"""The week in numbers, on Mondays."""

from bot.core.planned import Turn
from bot.core.question import Asking
from bot.core.schedule import Deed, Scheduled, answer, posted


def schedule() -> Scheduled:
    return Scheduled(
        name="report_weekly",
        title="Weekly report",
        about="Posts /report weekly to the alert chats: growth, tables that grew most, slowest "
        "routes, commissions against a week ago, and the chart of its size.",
        when="5 9 * * 1",
        work=work,
    )


async def work(asking: Asking, turn: Turn) -> Deed:
    return posted(asking, turn, await answer(asking, "report weekly"))
