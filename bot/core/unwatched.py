"""What runbooks have whose alerts no check's round opens: people, senders, clocks do."""

from collections.abc import Sequence

from bot.core.model import Facts, Moment, Reading
from bot.core.tools import Tools


async def nothing(_tools: Tools, _moment: Moment) -> Sequence[Reading]:
    """There is nothing to look at."""
    return []


async def no_facts(_tools: Tools, _moment: Moment) -> Facts:
    """All that is known is in the alert itself."""
    return {}
