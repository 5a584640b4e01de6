"""`check`: run the detectors once, with the real tools, and print what they see.

Nothing is saved and nobody is told: it looks with a copy of the assistant's memory.
"""

import asyncio
import json
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager

from rich.console import Console
from sqlalchemy.exc import DatabaseError

import checks
from bot.commands.build import Parts, open_tools
from bot.commands.rules import shared
from bot.commands.screen import Screen, screen
from bot.commands.state_copy import copied
from bot.core.detectors import Looked
from bot.core.model import Status, phrase
from bot.core.runbook import Runbook
from bot.core.watch import Blind, Look, Off
from bot.edges.clock import utc_now
from bot.edges.round_report import Line, counts, exit_code, lines_of, report
from bot.edges.store.migrate import NewerDatabaseError
from bot.edges.templates import Templates
from bot.settings import Settings

USAGE = 64  # EX_USAGE of sysexits.h
LONGEST_PAUSE = 30.0  # seconds before the second look, whatever a check asks for
COLOURS: Mapping[Status | None, str] = {
    Status.OK: "green",
    Status.FIRING: "bold red",
    Status.UNKNOWN: "yellow",
    None: "dim",
}

Sleep = Callable[[float], Awaitable[None]]


async def check(
    settings: Settings,
    names: Sequence[str],
    *,
    as_json: bool,
    console: Console | None = None,
    sleep: Sleep = asyncio.sleep,
) -> int:
    """Exit with 0: all is well, 1: something fires, 2: something is unknown, 64: no such check."""
    known = checks.load(settings.checks, shared(settings))
    chosen, strangers = choose(names, known)
    if strangers:
        _refuse(settings, strangers, known)
        return USAGE
    async with _opened(settings) as parts:
        books = [parts.book.runbooks[name] for name in chosen]
        looker = _Looker(parts, sleep)
        rounds = await asyncio.gather(*map(looker.round, books))
        lines = [line for done in rounds for line in lines_of(done, parts.cards)]
        paper = screen(settings, parts.templates, console)
        (show_json if as_json else show_table)(paper, rounds, lines)
    return exit_code(rounds)


def choose(names: Sequence[str], known: Mapping[str, Runbook]) -> tuple[list[str], list[str]]:
    """Find the checks meant, in their usual order, and the names that mean none."""
    wanted = {name if name.startswith("check_") else f"check_{name}": name for name in names}
    strangers = [name for full, name in wanted.items() if full not in known]
    return [name for name in known if not names or name in wanted], strangers


@asynccontextmanager
async def _opened(settings: Settings) -> AsyncIterator[Parts]:
    """Open everything over a copy of the assistant's tables, or over empty ones."""
    async with AsyncExitStack() as stack:
        copy = stack.enter_context(copied(settings.state_path))
        try:
            parts = await stack.enter_async_context(open_tools(settings, state=copy))
        except (NewerDatabaseError, DatabaseError):
            parts = await stack.enter_async_context(open_tools(settings))
        yield parts


class _Looker:
    """Looks at one thing at a time, so that the times are each check's own; pauses overlap."""

    def __init__(self, parts: Parts, sleep: Sleep) -> None:
        self._watch = parts.watch
        self._sleep = sleep
        self._turn = asyncio.Lock()

    async def round(self, runbook: Runbook) -> Looked:
        seen, took = await self._look(runbook)
        if (pause := _wants_again(seen)) is not None:
            await self._sleep(min(pause, LONGEST_PAUSE))
            seen, more = await self._look(runbook)
            took += more
        return Looked(runbook=runbook, seen=seen, took_ms=round(took * 1000, 1))

    async def _look(self, runbook: Runbook) -> tuple[Look, float]:
        async with self._turn:
            began = time.perf_counter()
            seen = await self._watch.look(runbook)
            return seen, time.perf_counter() - began


def _wants_again(seen: Look) -> float | None:
    if isinstance(seen, Blind | Off):
        return None
    return max((one.again_in for one in seen if one.again_in is not None), default=None)


def show_json(paper: Screen, rounds: Sequence[Looked], lines: Sequence[Line]) -> None:
    answer = paper.harmless(report(rounds, lines))
    paper.console.file.write(json.dumps(answer, ensure_ascii=False, indent=2) + "\n")


def show_table(paper: Screen, rounds: Sequence[Looked], lines: Sequence[Line]) -> None:
    table = paper.table("check_lamp", "check_name", "check_subject", "check_seen", "check_took")
    table.columns[0].no_wrap = True
    table.columns[-1].no_wrap = True
    table.columns[-1].justify = "right"
    before = ""
    for line in lines:
        again = line.check == before
        before = line.check
        table.add_row(
            paper.cell(_lamp(line), COLOURS[line.status]),
            paper.cell("" if again else line.check.removeprefix("check_")),
            paper.cell(line.subject),
            paper.cell(line.message),
            paper.cell("" if again else phrase("check_took_ms", ms=line.took_ms)),
        )
    paper.console.print(table)
    paper.console.print(paper.cell(phrase("check_counts", **counts(rounds))))


def _lamp(line: Line) -> str:
    """Say what the colour says: a lamp alone means nothing on paper or without colours."""
    return f"● {line.severity if line.status is Status.FIRING else line.seen}"


def _refuse(settings: Settings, strangers: Sequence[str], known: Mapping[str, Runbook]) -> None:
    templates = Templates(zone=settings.zone, clock=utc_now)
    names = [runbook.folder for runbook in known.values()]
    said = phrase("check_not_known", strangers=[*strangers], names=names)
    sys.stderr.write(screen(settings, templates).words(said) + "\n")
