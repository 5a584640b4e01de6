"""5xx answers and timeouts: a line of the latency card, never an alert of its own."""

from bot.core.model import Severity, Status
from bot.core.runbook import Runbook
from bot.core.tools import Sample
from bot.edges.templates import Templates, plain
from checks._api_config import Config
from checks._api_look import Look
from checks._api_verdict import judge
from checks._failures import since, timeouts
from checks._latency import Latency
from checks._traffic import Count, Traffic
from tests.checks.fakes import moment, spaced


def errors(kind: str, count: float) -> Sample:
    return Sample("errors_total", {"error_type": kind, "component": "wb"}, count)


def failing(requests: float, failed: float, timed_out: float | None, p95_ms: float) -> Look:
    return Look(
        latency=Latency(requests=round(requests), p95_ms=p95_ms),
        window_sec=60,
        traffic=Traffic(errors={"GET /pnl": Count(of=requests, hit=failed)}, cache={}),
        timeouts=timed_out,
    )


def test_only_timeouts_are_timeouts() -> None:
    found = [errors("ReadTimeout", 3), errors("TimeoutError", 2), errors("ValueError", 50)]
    assert timeouts([*found, errors("Timeout", float("nan"))]) == 5


def test_what_came_between_two_looks() -> None:
    assert since(2, 5) == 3
    assert since(5, 2) == 2, "a counter that went back began anew"
    assert since(None, 2) is None, "a look of an older release knew nothing of timeouts"


def test_failures_alone_make_no_alert() -> None:
    reading = judge(failing(100, 90, 9, p95_ms=100), moment(), Config())
    assert reading.status is Status.OK
    assert (reading.facts["failed"], reading.facts["failed_pct"]) == (90, 90)


def test_where_nothing_counts_them_they_are_not_known() -> None:
    facts = judge(failing(0, 0, None, p95_ms=3000), moment(), Config(min_requests=1)).facts
    assert facts.get("failed") is None


def test_the_card_has_a_line_about_them(
    templates: Templates, runbooks: dict[str, Runbook]
) -> None:
    reading = judge(failing(1000, 32, 1, p95_ms=3000), moment(), Config())
    assert reading.severity is Severity.WARNING
    card = f"{runbooks['check_api_latency_p95'].folder}/card.html.j2"
    text = spaced(plain(templates.block(card, "facts", facts=reading.facts)))
    assert "Failed 32 with 5xx (3.2 %), 1 timeout" in text.splitlines()
    before = {key: value for key, value in reading.facts.items() if key != "failed"}
    assert "Failed" not in templates.block(card, "facts", facts=before)
