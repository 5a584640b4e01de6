"""Suggested causes of commission outliers, for the card and its buttons."""

from bot.core import cause_reading
from bot.core.causes import Cause
from bot.core.model import Facts, Json, Unreadable
from bot.core.tools import Tools


async def read(tools: Tools, since: str, until: str) -> list[dict[str, Json]] | None:
    """As facts; None where the articles' categories cannot be read."""
    try:
        return cause_reading.facts(await cause_reading.read(tools.shop, since, until))
    except Unreadable:
        return None


def suggested(facts: Facts) -> list[Cause]:
    """The causes of the groups, each once, the most roubles at stake first."""
    groups = facts.get("causes")
    named = (
        [one["cause"] for one in groups if isinstance(one, dict)]
        if isinstance(groups, list)
        else []
    )
    return [Cause(one) for one in dict.fromkeys(map(str, named)) if one != Cause.UNCLEAR]
