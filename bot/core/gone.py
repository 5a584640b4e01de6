"""An alert of a check that this release does not have: people answer it, and close it by hand."""

from bot.core.runbook import Question, Runbook
from bot.core.unwatched import no_facts, nothing


def runbook(check: str) -> Runbook:
    """Stand in for the one that is not there: nothing looks, and nothing repairs."""
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
