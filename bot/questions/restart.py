"""Propose the restart of one service."""

from bot.core.model import Role
from bot.core.question import Command, Param

SERVICES = ("web", "bot", "scheduler", "assistant")


def command() -> Command:
    return Command(
        name="restart",
        about="Restart web, bot, scheduler or assistant; asks first",
        proposes=lambda args: (f"remediate_restart_{args['service']}", {}),
        params=[Param(name="service", words=SERVICES)],
        role=Role.MANAGER,
        place=50,
    )
