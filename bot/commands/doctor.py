"""`doctor`: examine every outside thing at once, and print how to mend what is broken."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

import checks
from bot.commands.loading import env_files
from bot.commands.rules import shared
from bot.commands.screen import Screen, screen
from bot.core.model import phrase
from bot.doctor import Case, Examine, Result, Verdict, ill, load
from bot.edges.clock import utc_now
from bot.edges.templates import Templates
from bot.settings import Settings

SECONDS = 10.0  # for each examination; they run side by side
COLOURS = {
    Verdict.OK: "green",
    Verdict.WARNING: "yellow",
    Verdict.BROKEN: "bold red",
    Verdict.SKIPPED: "dim",
}


async def doctor(
    settings: Settings, *, console: Console | None = None, folder: Path | None = None
) -> int:
    """Exit with 0 when nothing is broken, 1 otherwise."""
    templates = Templates(zone=settings.zone, clock=utc_now)
    here = folder or Path()
    case = Case(
        settings=settings,
        runbooks=checks.load(settings.checks, shared(settings)),
        templates=templates,
        clock=utc_now,
        folder=here,
        files=[here / path for path in env_files()],
    )
    paper = screen(settings, templates, console)
    with paper.console.status(paper.words(phrase("doctor_at_work"))):
        results = await examine_all(case)
    show(paper, results)
    return exit_code(results)


async def examine_all(case: Case, *, seconds: float = SECONDS) -> list[Result]:
    """Run every examination side by side; one that breaks is a broken line, no more."""
    found = load()
    each = await asyncio.gather(
        *(examine_one(name, examine, case, seconds=seconds) for name, examine in found.items())
    )
    return [result for results in each for result in results]


async def examine_one(
    name: str, examine: Examine, case: Case, *, seconds: float = SECONDS
) -> Sequence[Result]:
    what = phrase("doctor_examination", name=name.replace("_", " "))
    try:
        async with asyncio.timeout(seconds):
            return await examine(case)
    except TimeoutError:
        late = phrase("doctor_too_slow", seconds=seconds)
        return [ill(what, late, phrase("doctor_mend_too_slow"))]
    except Exception as error:  # noqa: BLE001  # whatever breaks, the other examinations go on
        # Not its text: that may repeat an address with a password.
        broke = phrase("doctor_broke", error=type(error).__name__)
        return [ill(what, broke, phrase("doctor_mend_broke"))]


def exit_code(results: Sequence[Result]) -> int:
    return int(any(result.verdict is Verdict.BROKEN for result in results))


def show(paper: Screen, results: Sequence[Result]) -> None:
    table = paper.table(
        "doctor_what_heading",
        "doctor_verdict_heading",
        "doctor_seen_heading",
        "doctor_mend_heading",
    )
    table.columns[1].no_wrap = True
    for result in results:
        table.add_row(
            paper.cell(result.what),
            paper.cell(f"● {result.verdict}", COLOURS[result.verdict]),
            paper.cell(result.seen),
            paper.cell(result.mend or ""),
        )
    paper.console.print(table)
    verdicts = [result.verdict for result in results]
    counted = {str(verdict): verdicts.count(verdict) for verdict in Verdict}
    paper.console.print(paper.cell(phrase("doctor_counts", **counted)))
