"""The morning in one message: cash, yesterday's sales, what is open, the night's jobs."""

from bot.core.planned import Turn
from bot.core.question import Asking
from bot.core.schedule import Deed, Scheduled, answer, posted


def schedule() -> Scheduled:
    return Scheduled(
        name="brief",
        title="Morning brief",
        about="Posts /brief to the alert chats, every morning or on the weekdays you name.",
        when="0 9 * * *",
        work=work,
    )


async def work(asking: Asking, turn: Turn) -> Deed:
    return posted(asking, turn, await answer(asking, "brief"))
