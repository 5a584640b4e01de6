"""Every check's card through a whole life, from what the check really made of its shop."""

from importlib import import_module
from pathlib import Path

import pytest

import checks
from bot.core import keyboard
from bot.core.model import Reading, Status
from bot.core.runbook import Runbook
from bot.core.tools import Tools
from tests.checks.fakes import moment
from tests.checks.seen import Seen
from tests.checks.shop import Shop
from tests.paper import nothing_else
from tests.snapshots.stage import ADMIN_CHAT, Stage

KEPT = Path(__file__).with_name("cards")
RUNBOOKS = checks.load({})


async def seen(runbook: Runbook, shop: Shop, tools: Tools) -> Seen:
    """Ask the check's own test what there is to see."""
    test = import_module(f"tests.checks.test_{runbook.folder}")
    found = await test.seen(shop, tools)
    assert isinstance(found, Seen)
    return found


@pytest.mark.parametrize("name", RUNBOOKS)
async def test_a_card_reads_as_it_should(
    name: str, stage: Stage, shop: Shop, tools: Tools
) -> None:
    runbook = stage.book.runbooks[name]
    found = await seen(runbook, shop, tools)
    well = {one.subject: one for one in found.well}
    assert all(one.status is Status.OK for one in well.values())
    for scene, readings in (("usual", found.usual), ("widest", found.widest)):
        for reading in readings:
            assert reading.status is Status.FIRING
            await stage.sees(name, reading)
            await stage.card(f"{scene}: fires", await stage.alert(name, reading.subject))
            if scene == "usual":
                stage.clock.forward(minutes=20)
                await stage.sees(name, well[reading.subject])
                await stage.card(f"{scene}: over", await stage.alert(name, reading.subject))
                stage.clock.forward(hours=1)
    await life(stage, name, found.widest[-1], well)
    for question in (runbook.diagnose, *runbook.questions):
        values = await question.read(found.tools, moment())
        html = stage.cards.templates.render(question.template, **values)
        stage.sheet.add(question.label, html, keyboard.leading(question.leads))
    stage.sheet.held(KEPT / f"{name}.html")


async def life(stage: Stage, name: str, reading: Reading, well: dict[str, Reading]) -> None:
    """Told, reminded of, escalated, silenced, taken, over."""
    alert = await stage.alert(name, reading.subject)
    stage.newest = max(one.id for one in await stage.posts(alert))
    while not alert.escalated_at and (alert.remind_at or alert.escalate_at):
        await stage.rings()
        await stage.notices("notice", alert)
        alert = await stage.alert(name, reading.subject)
    chat = {"chat": ADMIN_CHAT} if alert.escalated_at else {}
    await stage.card("told to the admins", alert, **chat)
    await stage.silences(alert)
    await stage.card("silenced", alert)
    stage.clock.forward(hours=5)
    alert = await stage.takes(alert)
    await stage.card("taken", alert)
    stage.clock.forward(minutes=42)
    await stage.sees(name, well[reading.subject])
    await stage.card("over", await stage.alert(name, reading.subject))
    await stage.notices("notice", alert)


def test_nothing_is_kept_of_what_is_gone() -> None:
    nothing_else(KEPT, RUNBOOKS)
