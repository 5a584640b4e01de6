"""The buttons of a runbook's page: those of its lines in order, then from page to page."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from bot.core import deeds, keyboard
from bot.core.guide import CONTACTS, PAGES, Line
from bot.core.keyboard import Colour, Key
from bot.core.model import Alert, Role, State
from bot.core.params import WrongArguments, parse
from bot.core.question import Asking
from bot.core.runbook import Remediation, Runbook
from bot.core.steps import Section, said
from bot.core.todo import CATALOGUE, ItemState
from bot.core.verbs import Verb

IN_A_ROW: Final = 2
TABS_IN_A_ROW: Final = 3
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
    buttons = Buttons(asking=asking, runbook=runbook, alert=alerts[0] if alerts else None)
    others = [
        Key(f"#{one.id} {one.subject}"[:24], Verb.ASK, f"runbook {runbook.number} {page} {one.id}")
        for one in alerts[1 : OTHERS + 1]
    ]
    return [
        *_rows([key for line in lines for key in buttons.of_line(line)], IN_A_ROW),
        *_rows(others, IN_A_ROW),
        *_rows([*buttons.tabs(page), Key("Runbooks", Verb.ASK, "runbook")], TABS_IN_A_ROW),
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Buttons:
    """Those that the chat may press, for this alert; every tap is looked at anew."""

    asking: Asking
    runbook: Runbook
    alert: Alert | None

    def tabs(self, page: str) -> list[Key]:
        """One for each page; the one that is open reads it anew."""
        return [
            Key(f"↻ {LABELS[one]}" if one == page else LABELS[one], Verb.ASK, self._page(one))
            for one in PAGES
        ]

    def of_line(self, line: Line) -> list[Key]:
        return [*self._begins(line), *self._lists(line), *self._asks(line)]

    def _begins(self, line: Line) -> list[Key]:
        """The actions that need nothing more to be said and are not under way already."""
        if self._over:
            return []
        busy = {tick.action for tick in line.ticks if tick.mark in deeds.UNDER_WAY}
        of = f"#{self.alert.id}/{self.runbook.number} " if self.alert else ""
        keys = []
        for did in line.step.deeds(self.asking.moment.today):
            name, *words = did.split()
            action = self.asking.book.remediations.get(name)
            if action and name not in busy and self._may_begin(action, words):
                label = f"{line.mark} · {action.button or action.label}"
                keys.append(Key(label, Verb.DO, f"{of}{did}", Colour.DANGER))
        return keys

    def _may_begin(self, action: Remediation, words: Sequence[str]) -> bool:
        if not self.asking.offers(action.role):
            return False
        try:
            parse(action, words)
        except WrongArguments:
            return False
        return self.alert is not None or not action.needs_alert

    def _lists(self, line: Line) -> list[Key]:
        """Put what only people can do on the checklist, or say that it is done."""
        if not self.asking.offers(Role.MANAGER):
            return []
        then, about = self._page(line.step.section), self.alert.id if self.alert else None
        keys = []
        for name in line.step.todo:
            item = next((one for one in line.items if one.step == name), None)
            if item is not None and item.open:
                keys.append(keyboard.finishing(item, then, f"{line.mark} · Done T{item.id}"))
            elif (item is None or item.state is ItemState.DROPPED) and not self._over:
                key = keyboard.adding(CATALOGUE[name], about, then)
                keys.append(replace(key, label=f"{line.mark} · {key.label}"))
        return keys

    def _asks(self, line: Line) -> list[Key]:
        number = f"{line.mark} · " if line.mark else ""
        words = said(self.runbook.number, self.alert.id if self.alert else 0)
        planned = {line.planned: f"schedule {line.step.schedule}"} if line.planned else {}
        return [
            Key(f"{number}{label}", Verb.ASK, f"{words}{asked}", Colour.PRIMARY)
            for label, asked in {**line.step.asks, **planned}.items()
            if self.asking.leads_to(asked)
        ]

    def _page(self, name: str) -> str:
        page = f"runbook {self.runbook.number} {name}"
        return f"{page} {self.alert.id}" if self.alert else page

    @property
    def _over(self) -> bool:
        return self.alert is not None and self.alert.state is State.RESOLVED


def _rows(keys: Sequence[Key], size: int) -> list[list[Key]]:
    return [list(keys[at : at + size]) for at in range(0, len(keys), size)]
