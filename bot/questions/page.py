"""Another page of a table: what the buttons under it ask."""

from bot.core import asking as through
from bot.core.params import Param
from bot.core.question import Asking, Command, Page

FAR = 1_000


def command() -> Command:
    return Command(
        name="page",
        about="Another page of a question's table",
        read=read,
        params=[
            Param(name="page", low=1, high=FAR),
            Param(name="question"),
            Param(name="args", default="", rest=True),
        ],
        listed=False,
        place=69,
    )


async def read(asking: Asking) -> Page:
    found = through.find(asking, asking.word("question"))
    told = through.told(asking, found, asking.word("args"), page=asking.number("page"))
    return await through.answer(found, told)
