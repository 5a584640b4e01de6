"""A trouble that people feel and no check sees: an alert made and closed by hand."""

from collections.abc import Mapping
from typing import Final

from bot.core.runbook import Question, Runbook
from bot.core.unwatched import no_facts, nothing

NAME: Final = "check_manual"
LATENCY: Final = "check_api_latency_p95"


def runbook(runbooks: Mapping[str, Runbook]) -> Runbook:
    """No round ever judges it. What explains it is the latency check's diagnosis."""
    latency = runbooks.get(LATENCY)
    blank = Question(
        name="diagnose", label="Diagnose", template="manual/diagnosis.html.j2", read=no_facts
    )
    return Runbook(
        name=NAME,
        title="Reported by people",
        number=0,
        detect=nothing,
        diagnose=latency.diagnose if latency else blank,
        asks={"Web API": "health", "Check WB/Ozon": "net"},
        guide=latency.number if latency else 0,
    )
