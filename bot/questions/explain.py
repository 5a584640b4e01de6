"""How the database answers a question or a check: each statement's plan, and a timed run."""

import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace

from bot.core import asking as through
from bot.core.model import Phrase, Unreadable
from bot.core.params import Param
from bot.core.question import Asking, Command, Page
from bot.core.runbook import Runbook
from bot.core.tools import PlanStep, Tools
from bot.core.traced import Statement, traced

MOST = 6  # statements; no question has more
LINES = 14  # of one plan


@dataclass(frozen=True, slots=True, kw_only=True)
class Explained:
    statement: Statement
    steps: Sequence[PlanStep]
    trouble: Phrase | None = None


def command() -> Command:
    return Command(
        name="explain",
        about="Query plan and timing of a question or check",
        read=read,
        params=[Param(name="question"), Param(name="args", default="", rest=True)],
        place=67,
    )


async def read(asking: Asking) -> Page:
    name, run = _run(asking)
    tools, shop = traced(asking.tools, time.perf_counter)
    trouble = None
    try:
        await run(tools)
    except Unreadable as unreadable:  # its statements are known all the same
        trouble = unreadable.why
    statements = list(shop.statements.values())
    found = [await _explained(asking, one) for one in statements[:MOST]]
    return Page(
        template="answers/explain.html.j2",
        values={
            "name": name,
            "statements": found,
            "more": max(0, len(statements) - MOST),
            "lines": LINES,
            "trouble": trouble,
            "scans": any(step.scan for one in found for step in one.steps),
        },
    )


def _run(asking: Asking) -> tuple[str, Callable[[Tools], Awaitable[object]]]:
    """What is to be timed: a question with its arguments, or one round of a check."""
    name = asking.word("question")
    if runbook := _check(asking, name):
        return runbook.name, lambda tools: runbook.detect(tools, asking.moment)
    found = through.find(asking, name)
    told = through.told(asking, found, asking.word("args"))
    return found.name, lambda tools: through.answer(found, replace(told, tools=tools))


def _check(asking: Asking, name: str) -> Runbook | None:
    books = asking.book.runbooks
    return books.get(name.lower()) or books.get(f"check_{name.lower()}")


async def _explained(asking: Asking, statement: Statement) -> Explained:
    try:
        steps = await asking.tools.shop.plan(statement.query, **statement.binds)
    except Unreadable as unreadable:
        return Explained(statement=statement, steps=(), trouble=unreadable.why)
    return Explained(statement=statement, steps=steps)
