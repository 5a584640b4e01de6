"""The response matrix, and the rules beside it."""

from bot.core.matrix import ACKNOWLEDGED_REMINDER
from bot.core.model import Severity
from bot.core.question import Asking, Command, Page


def command() -> Command:
    return Command(
        name="policy", about="Who must come within what time, and what then", read=read, place=72
    )


async def read(asking: Asking) -> Page:
    policy = asking.book.policy
    rows = [(severity, policy.matrix[severity]) for severity in reversed(Severity)]
    values = {"policy": policy, "rows": rows, "taken": ACKNOWLEDGED_REMINDER}
    return Page(template="answers/policy.html.j2", values=values)
