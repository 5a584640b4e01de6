"""How fast the web API is: each endpoint, what fails, the cache, and the last 24 hours."""

from collections.abc import Sequence
from datetime import timedelta

from bot.core.keyboard import Key
from bot.core.model import Json, Row, phrase
from bot.core.question import Asking, Chart, Command, Page
from bot.core.series import name_of
from bot.core.verbs import Verb
from bot.questions import _over_time
from bot.questions._values import number, rows

CHECK, SUBJECT = "check_api_latency_p95", "web API"
DAY, QUARTER = timedelta(hours=24), 900
SHOWN = 15
FEWEST = 2  # a line has two ends


def command() -> Command:
    return Command(
        name="latency",
        about="Web API: p50, p95 and p99 by endpoint, errors, the last 24 hours",
        read=read,
        place=62,
        runbooks=[1],
        table=table,
    )


async def read(asking: Asking) -> Page:
    runbook = asking.book.runbooks[CHECK]
    facts = await runbook.details["numbers"](asking.tools, asking.moment)
    shown = rows(facts["endpoints"])
    return Page(
        template="answers/latency.html.j2",
        values={**facts, "shown": shown[:SHOWN], "more": max(0, len(shown) - SHOWN)},
        keys=[
            [
                Key("Again", Verb.ASK, "latency"),
                Key("Service level", Verb.ASK, "slo 30 latency"),
            ]
        ],
        chart=await _chart(asking, facts["threshold_ms"]),
    )


async def table(asking: Asking) -> Sequence[Row]:
    """Each endpoint with its numbers, for a file."""
    facts = await asking.book.runbooks[CHECK].details["numbers"](asking.tools, asking.moment)
    return rows(facts["endpoints"])


async def _chart(asking: Asking, limit: Json) -> Chart | None:
    """The worst p95 of each quarter of an hour; None where nothing was kept yet."""
    found = await _over_time.stretches(
        asking, name_of(CHECK, "p95_ms"), SUBJECT, span=DAY, seconds=QUARTER
    )
    line = _over_time.by_time(found, asking.moment, span=DAY, seconds=QUARTER)
    if line.known < FEWEST:
        return None
    return Chart(
        title=phrase("chart_latency"),
        unit="ms",
        days=line.places,
        lines={"chart_p95": line.values},
        limit=number(limit),
    )
