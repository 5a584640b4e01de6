"""Each check: what it last saw, since when, how often it looks."""

from bot.core.question import Asking, Command, Page
from bot.questions._doing import running
from bot.questions._states import views


def command() -> Command:
    return Command(name="checks", about="What each check last saw", read=read, place=20)


async def read(asking: Asking) -> Page:
    return Page(
        template="answers/checks.html.j2",
        values={"checks": await views(asking), "ran": None},
        keys=running(asking),
    )
