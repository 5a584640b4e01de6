"""The commands of your role with their usage, and what the buttons do."""

from bot.core.paging import FAR, turn
from bot.core.params import Param
from bot.core.question import Asking, Command, Page

ON_A_PAGE = 24


def command() -> Command:
    return Command(
        name="help",
        about="All commands of your role",
        read=read,
        params=[Param(name="page", default=1, low=1, high=FAR)],
        place=80,
    )


async def read(asking: Asking) -> Page:
    role = asking.who.role
    mine = [one for one in asking.commands.values() if one.listed and one.permits(role)]
    page = turn(asking.number("page"), total=len(mine), size=ON_A_PAGE)
    keys = page.keys("help")
    return Page(
        template="answers/help.html.j2",
        values={"who": asking.who, "commands": page.of(mine), "page": page},
        keys=[keys] if keys else [],
    )
