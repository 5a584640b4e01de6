"""Whether sales come in: last day, rows against the usual, two weeks, the collector."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise
from statistics import median
from typing import Any

from bot.core.keyboard import Key
from bot.core.model import Row
from bot.core.params import days as days_param
from bot.core.question import Asking, Command, Page
from bot.core.tabular import plan_key
from bot.core.verbs import Verb
from bot.questions._values import count, number

CHECK = "check_ingest_success_rate"
WEEKS = 4  # that make the usual of a weekday
ONE_DAY, ONE_WEEK = timedelta(days=1), timedelta(weeks=1)
MOST_MARKETS = 3  # side by side


@dataclass(frozen=True, slots=True, kw_only=True)
class Tries:
    """The attempts since the last success: how many in a row failed, and the pauses between."""

    failed: int
    since: str | None
    pauses: Sequence[float]


def command() -> Command:
    return Command(
        name="ingest",
        about="Sales coming in: last day, rows against the usual, the collector",
        read=read,
        params=[days_param(7, high=31)],
        place=50,
        runbooks=[2],
        table=table,
    )


async def read(asking: Asking) -> Page:
    runbook = asking.book.runbooks[CHECK]
    # The check's own diagnosis knows which day is due, and refuses tables that have drifted.
    known: Any = await runbook.diagnose.read(asking.tools, asking.moment)
    markets: list[Mapping[str, Any]] = known["marketplaces"]
    days = asking.number("days")
    shown = await _table(asking, markets, days) if markets else []
    return Page(
        template="answers/ingest.html.j2",
        values={
            "markets": [{**one, "verdict": verdict(one)} for one in markets],
            "columns": columns(markets),
            "days": shown,
            "job": known["job"],
            "runs": known["runs"],
            "tries": tries(known["runs"]),
        },
        keys=[
            [Key("Check WB/Ozon", Verb.ASK, "net"), Key("Check keys", Verb.ASK, "tokens live")],
            [Key("Limits", Verb.ASK, "limits"), plan_key(command(), asking)],
        ],
    )


async def table(asking: Asking) -> Sequence[Row]:
    """Each marketplace and day, for a file."""
    known: Any = await asking.book.runbooks[CHECK].diagnose.read(asking.tools, asking.moment)
    markets: list[Mapping[str, Any]] = known["marketplaces"]
    lines = await _table(asking, markets, asking.number("days")) if markets else []
    return [
        {
            "day": str(line["date"]),
            "marketplace": str(one["marketplace"]),
            "rows": count(line[f"rows{at}"]),
            "usual": number(line[f"usual{at}"]),
        }
        for line in lines
        for at, one in enumerate(markets[:MOST_MARKETS])
    ]


def verdict(one: Mapping[str, Any]) -> str:
    """Tell a day without data from a day without sales."""
    if one["rows"]:
        usual = one["usual_rows"]
        return "thin" if usual and one["rows"] < usual / 2 else "well"
    return "no_sales" if one["usual_rows"] == 0 and one["missing_days"] == 1 else "no_data"


async def _table(
    asking: Asking, markets: Sequence[Mapping[str, Any]], days: int
) -> list[dict[str, object]]:
    due = date.fromisoformat(str(markets[0]["day"]))
    rows = await asking.tools.shop.rows(
        "answers/ingest.sql.j2",
        since=(due - (days - 1) * ONE_DAY - WEEKS * ONE_WEEK).isoformat(),
        until=(due + ONE_DAY).isoformat(),
    )
    names = [str(one["marketplace"]) for one in markets[:MOST_MARKETS]]
    return by_day(rows, names, due, days)


def by_day(
    rows: Sequence[Row], names: Sequence[str], due: date, days: int
) -> list[dict[str, object]]:
    """The newest first; each day with its rows and the median of its weekday before.

    Weeks before a marketplace's first row say nothing; None: it has no such weekday since.
    """
    counts = {(str(row["marketplace"]), str(row["day"])): count(row["total"]) for row in rows}

    began = {name: min((day for one, day in counts if one == name), default="") for name in names}

    def of(name: str, day: date) -> float:
        return counts.get((name, day.isoformat()), 0)

    def usual(name: str, day: date) -> float | None:
        before = [day - n * ONE_WEEK for n in range(1, WEEKS + 1)]
        sold = [of(name, one) for one in before if "" < began[name] <= one.isoformat()]
        return median(sold) if sold else None

    found = []
    for day in (due - n * ONE_DAY for n in range(days)):
        line: dict[str, object] = {"day": f"{day:%a} {day.day}", "date": day.isoformat()}
        for at, name in enumerate(names):
            line[f"rows{at}"] = of(name, day)
            line[f"usual{at}"] = usual(name, day)
        found.append(line)
    return found


def columns(markets: Sequence[Mapping[str, Any]]) -> list[str]:
    pairs = [
        (f"rows{at}|{one['marketplace']}|number", f"usual{at}|usual|number")
        for at, one in enumerate(markets[:MOST_MARKETS])
    ]
    return ["day|Day", *(column for pair in pairs for column in pair)]


def tries(runs: Sequence[Mapping[str, Any]]) -> Tries:
    """`runs` come newest first."""
    streak = []
    for run in runs:
        if run["status"] == "running":
            continue
        if run["status"] != "failed":
            break
        streak.append(datetime.fromisoformat(str(run["started"])))
    pauses = [(later - before).total_seconds() for before, later in pairwise(streak[::-1])]
    since = streak[-1].isoformat() if streak else None
    return Tries(failed=len(streak), since=since, pauses=pauses)
