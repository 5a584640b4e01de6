"""Every action's messages: what it asks, how it goes, what it has done, on a wide shop."""

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot import remediations
from bot.core.job import Arg
from bot.core.model import Severity, fires
from bot.core.records import Run, RunState
from tests.conftest import NOON
from tests.paper import nothing_else
from tests.questions.scene import POOR
from tests.snapshots import shops
from tests.snapshots.stage import OLGA, Stage
from tests.snapshots.works import SECONDS, Works, widest, works

KEPT = Path(__file__).with_name("actions")
ACTIONS = remediations.load()
UNDOES = {one.undo: name for name, one in ACTIONS.items() if one.undo}
FOLLOWS = UNDOES | {"remediate_restore_archive": "remediate_archive"}  # what is done before it
# What they are asked for with, where it is more than what they have by default.
ARGS: dict[str, Mapping[str, Arg]] = {
    "remediate_archive": {"days": 180},
    "remediate_collect": {"date": "yesterday"},
    "remediate_letter": {"marketplace": "OZON"},
    "remediate_rate": {
        "marketplace": "OZON",
        "rate": "99.125",
        "from": "today",
        "category": shops.WIDE.category.lower(),
    },
    "remediate_recalc": {"days": 30},
    "remediate_stop_job": {"job": "collect"},
    "remediate_reconcile": {"from": "2026-11-01", "to": "2026-11-22"},
}
CHANCE = re.compile(r"/\S+(?=/archive)|_[0-9a-f]{8}\b")


def settled(part: str) -> str:
    """Folders and marks of this run were looked at, and are not compared."""
    return CHANCE.sub("…", part)


@pytest.mark.parametrize("name", ACTIONS)
async def test_an_action_says_what_it_does(name: str, stage: Stage, tmp_path: Path) -> None:
    async with works(stage, tmp_path) as at:
        origin = await before(at, name)
        run = await wanted(at, name, origin)
        if run.state is RunState.PROPOSED:
            await at.show("asks", run)
            await endings(at, run)
            run = await at.agree(run)
        await middle(at, run)
        await at.show("done", run)
        await elsewhere(at, run)
    stage.sheet.parts[:] = map(settled, stage.sheet.parts)
    stage.sheet.held(KEPT / f"{name}.html")


async def before(at: Works, name: str) -> Run | None:
    """Do what this one takes back."""
    earlier = FOLLOWS.get(name)
    if earlier is None:
        return None
    done = await at.agree(await at.wish(earlier, ARGS[earlier], None, None))
    assert done.state is RunState.SUCCEEDED, done.why
    return done


async def wanted(at: Works, name: str, origin: Run | None) -> Run:
    args, alert = ARGS.get(name, {}), None
    if origin is not None:
        file = name not in UNDOES
        args = {"file": str(origin.before["file"])} if file else {"run": origin.id}
        origin = None if file else origin
    if ACTIONS[name].needs_alert:
        await at.stage.sees(CASH, fires("cash balance", Severity.CRITICAL, **POOR))
        alert = await at.stage.alert(CASH, "cash balance")
    return await at.wish(name, args, alert, origin)


CASH = "check_cash_balance_threshold"


async def endings(at: Works, run: Run) -> None:
    """What a crash leaves, where the action can tell."""
    probe = ACTIONS[run.action].probe
    if probe is not None:
        found = await probe(at.tools, await at.job(run))
        broken = replace(run, state=RunState.INTERRUPTED, started_at=NOON, finished_at=NOON)
        await at.show("broken off", replace(broken, found=found))


async def middle(at: Works, run: Run) -> None:
    """On its way, and stopped there."""
    assert run.state is RunState.SUCCEEDED, run.why
    if run.progress:
        await at.show(
            "on its way", replace(run, state=RunState.RUNNING, finished_at=None, undo_until=None)
        )
    if ACTIONS[run.action].cancellable:
        began = at.stage.clock() - timedelta(seconds=SECONDS)
        stopped = replace(run, state=RunState.CANCELLED, stop_by=OLGA.name, started_at=began)
        stopped = replace(stopped, undo_until=None)
        after = {**run.progress, **run.after}
        await at.show("stopped", replace(stopped, after=after))


async def elsewhere(at: Works, run: Run) -> None:
    """A line on the card of its alert, and the letter where it has sent one."""
    templates = at.stage.cards.templates
    view = at.stage.cards._runs.view(widest(run), None)  # noqa: SLF001  # as notices are given it
    at.stage.sheet.add("a line of it", templates.render("notices/run_over.html.j2", run=view))
    if letter := at.post.last:
        at.stage.sheet.add("the letter", letter_text(at, letter.template))
        if letter.chat:
            html = templates.render(letter.chat, **letter.values)
            at.stage.sheet.add("the letter, for a chat", html)


def letter_text(at: Works, template: str) -> str:
    letter = at.post.last
    assert letter is not None
    text = at.stage.cards.templates.render(template, **letter.values)
    return text.replace("&", "&amp;").replace("<", "&lt;")


def test_nothing_is_kept_of_what_is_gone() -> None:
    nothing_else(KEPT, ACTIONS)
