"""An alert of a check that this release does not have: people answer it, and close it by hand."""

from collections.abc import Sequence

from bot.core.model import Facts, Moment, Reading
from bot.core.runbook import Question, Runbook
from bot.core.tools import Tools


def runbook(check: str) -> Runbook:
    """Stand in for the one that is not there: nothing looks, and nothing repairs."""

    async def nothing(_tools: Tools, _moment: Moment) -> Sequence[Reading]:
        return []

    async def no_facts(_tools: Tools, _moment: Moment) -> Facts:
        return {}

    return Runbook(
        name=check,
        title=check,
        number=0,
        detect=nothing,
        diagnose=Question(
            name="diagnose", label="Diagnose", template="gone/diagnosis.html.j2", read=no_facts
        ),
        home="gone",
    )
