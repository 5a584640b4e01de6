"""The commands of your role with their usage, and what the buttons do."""

from bot.core.question import Asking, Command, Page


def command() -> Command:
    return Command(name="help", about="All commands of your role", read=read, place=80)


async def read(asking: Asking) -> Page:
    role = asking.who.role
    mine = [one for one in asking.commands.values() if one.listed and one.permits(role)]
    return Page(template="answers/help.html.j2", values={"who": asking.who, "commands": mine})
