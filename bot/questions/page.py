"""Another page of a table: what the buttons under it ask."""

from bot.core import asking as through
from bot.core import keyboard
from bot.core.params import Param
from bot.core.question import Asking, Command, Page

FAR = 1_000


def command() -> Command:
    return Command(
        name=keyboard.PAGE,
        about="Another page of a question's table",
        read=read,
        params=[
            Param(name="page", low=1, high=FAR),
            Param(name="alert", default="", pattern=r"#\d{1,9}", like="#12"),
            Param(name="question"),
            Param(name="args", default="", rest=True),
        ],
        listed=False,
        place=69,
    )


async def read(asking: Asking) -> Page:
    found = through.find(asking, asking.word("question"))
    told = through.told(asking, found, asking.word("args"), page=asking.number("page"))
    page = await through.answer(found, told)
    number = asking.word("alert").removeprefix("#")
    alert = await asking.store.read(lambda tx: tx.alerts.get(int(number))) if number else None
    return through.for_alert(page, alert) if alert else page
