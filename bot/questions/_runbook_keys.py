"""The buttons of a runbook's page: those of its lines in order, then from page to page."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Final

from bot.core import deeds, keyboard
from bot.core.guide import CONTACTS, PAGES, Line
from bot.core.keyboard import Colour, Key
from bot.core.model import Alert, Role, State
from bot.core.params import WrongArguments, parse
from bot.core.question import Asking
from bot.core.runbook import Remediation, Runbook
from bot.core.steps import WEEK_AGO, Section
from bot.core.todo import CATALOGUE, ItemState
from bot.core.verbs import Verb

IN_A_ROW: Final = 2
TABS_IN_A_ROW: Final = 3
PEOPLE: Final = (Role.MANAGER, Role.ADMIN)  # who may change the checklist
OTHERS: Final = 4  # alerts of the same runbook that a page offers
LABELS: Final = {
    Section.SYMPTOMS: "Signs",
    Section.DIAGNOSIS: "Diagnosis",
    Section.STEPS: "Steps",
    Section.PREVENTION: "Prevention",
    CONTACTS: "Contacts",
}


def of_page(
    asking: Asking, runbook: Runbook, lines: Sequence[Line], alerts: Sequence[Alert], page: str
) -> list[list[Key]]:
    alert = alerts[0] if alerts else None
    keys = [key for line in lines for key in _of_line(asking, runbook, line, alert)]
    others = [
        Key(f"#{one.id} {one.subject}"[:24], Verb.ASK, f"runbook {runbook.number} {page} {one.id}")
        for one in alerts[1 : OTHERS + 1]
    ]
    tabs = [*_tabs(runbook, alert, page), Key("All runbooks", Verb.ASK, "runbook")]
    return [
        *_rows(keys, IN_A_ROW),
        *_rows(others, IN_A_ROW),
        *_rows(tabs, TABS_IN_A_ROW),
    ]


def _tabs(runbook: Runbook, alert: Alert | None, page: str) -> list[Key]:
    """One for each page; the one that is open reads it anew."""
    of = f" {alert.id}" if alert else ""
    return [
        Key(
            f"↻ {LABELS[one]}" if one == page else LABELS[one],
            Verb.ASK,
            f"runbook {runbook.number} {one}{of}",
        )
        for one in PAGES
    ]


def _of_line(asking: Asking, runbook: Runbook, line: Line, alert: Alert | None) -> list[Key]:
    """What this person may press; every tap is looked at anew."""
    return [
        *_begins(asking, runbook, line, alert),
        *_lists(asking, runbook, line, alert),
        *_asks(asking, runbook, line, alert),
    ]


def _asks(asking: Asking, runbook: Runbook, line: Line, alert: Alert | None) -> list[Key]:
    number = f"{line.mark} · " if line.mark else ""
    words = deeds.said(runbook.number, alert.id if alert else 0)
    asks = dict(line.step.asks)
    if line.planned:
        asks[line.planned] = f"schedule {line.step.schedule}"
    return [
        Key(f"{number}{label}", Verb.ASK, f"{words}{asked}", Colour.PRIMARY)
        for label, asked in asks.items()
        if _may_ask(asking, asked)
    ]


def _may_ask(asking: Asking, asked: str) -> bool:
    command = asking.commands.get(asked.partition(" ")[0])
    return command is None or command.permits(asking.who.role)


def _begins(asking: Asking, runbook: Runbook, line: Line, alert: Alert | None) -> list[Key]:
    """The actions that need nothing more to be said and are not under way already."""
    if _over(alert):
        return []
    busy = {tick.action for tick in line.ticks if tick.mark in deeds.UNDER_WAY}
    of = f"#{alert.id}/{runbook.number} " if alert else ""
    week_ago = (asking.moment.today - timedelta(days=7)).isoformat()
    keys = []
    for did in line.step.does:
        name, *words = did.replace(WEEK_AGO, week_ago).split()
        action = asking.book.remediations.get(name)
        if action and name not in busy and _may_begin(asking, action, words, alert):
            label = f"{line.mark} · {action.button or action.label}"
            keys.append(Key(label, Verb.DO, f"{of}{' '.join([name, *words])}", Colour.DANGER))
    return keys


def _may_begin(
    asking: Asking, action: Remediation, words: Sequence[str], alert: Alert | None
) -> bool:
    role = asking.who.role
    if role is None or role.rank < action.role.rank or (action.needs_alert and alert is None):
        return False
    try:
        parse(action, words)
    except WrongArguments:
        return False
    return True


def _lists(asking: Asking, runbook: Runbook, line: Line, alert: Alert | None) -> list[Key]:
    """Put what only people can do on the checklist, or say that it is done."""
    if asking.who.role not in PEOPLE:
        return []
    page = f"runbook {runbook.number} {line.step.section}"
    then = f"{page} {alert.id}" if alert else page
    keys = []
    for name in line.step.todo:
        item = next((one for one in line.items if one.step == name), None)
        if item is not None and item.open:
            keys.append(keyboard.finishing(item, then, f"{line.mark} · Done T{item.id}"))
        elif (item is None or item.state is ItemState.DROPPED) and not _over(alert):
            key = keyboard.adding(CATALOGUE[name], alert.id if alert else None, then)
            keys.append(replace(key, label=f"{line.mark} · {key.label}"))
    return keys


def _over(alert: Alert | None) -> bool:
    return alert is not None and alert.state is State.RESOLVED


def _rows(keys: Sequence[Key], size: int) -> list[list[Key]]:
    return [list(keys[at : at + size]) for at in range(0, len(keys), size)]
