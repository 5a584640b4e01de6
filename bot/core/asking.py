"""One question asked through another: by its name, as a file, its next page, its query plan."""

from collections.abc import Mapping
from dataclasses import replace
from difflib import get_close_matches

from bot.core import keyboard
from bot.core.keyboard import Key
from bot.core.model import Alert, Facts, State, Unreadable, phrase
from bot.core.params import WrongArguments, parse, spoken
from bot.core.question import Asking, Command, Page, Sheet
from bot.core.runbook import Question
from bot.core.verbs import Verb


def questions(commands: Mapping[str, Command]) -> dict[str, Command]:
    """What `/ask` lists: everything that belongs to a runbook or has a table."""
    return {
        name: one
        for name, one in commands.items()
        if one.read is not None and (one.runbooks or one.table is not None)
    }


def find(asking: Asking, name: str) -> Command:
    """The question of this name that the asker may ask, or a refusal that helps."""
    known = questions(asking.commands)
    command = known.get(name.lower().removeprefix("/"))
    if command is None:
        near = get_close_matches(name.lower(), known, n=3)
        raise WrongArguments(phrase("question_unknown", name=name[:40], near=near))
    if not command.permits(asking.who.role):
        raise Unreadable(phrase("role_too_low", role=asking.who.role, needed=command.role))
    return command


def told(asking: Asking, command: Command, words: str, *, page: int = 1) -> Asking:
    """The same person at the same time asks this."""
    return replace(asking, args=parse(command, words.split()), page=page)


async def answer(command: Command, asking: Asking) -> Page:
    """Read the answer; where it has a table, with the buttons that send it as a file."""
    if command.read is None:  # it changes something: nothing that asks may call it
        raise Unreadable(phrase("button_unknown"))
    page = await command.read(asking)
    if command.table is None or not page.files:
        return page
    said = f"{command.name} {spoken(command, asking.args)}".strip()
    row = [Key(kind.upper(), Verb.ASK, f"export {kind} {said}") for kind in Sheet]
    return replace(page, keys=[*page.keys, row])


def for_alert(page: Page, alert: Alert) -> Page:
    """The same answer; what its buttons begin belongs to the alert, on its next pages too."""
    if alert.state is State.RESOLVED:
        return page
    keys = [[_key_for(key, f"#{alert.id}") for key in row] for row in page.keys]
    return replace(page, keys=keys)


def _key_for(key: Key, alert: str) -> Key:
    if key.verb is Verb.DO:
        return replace(key, arg=f"{alert} {key.arg}")
    asked, _, rest = key.arg.partition(" ")
    if key.verb is Verb.ASK and asked == keyboard.PAGE:
        number, _, question = rest.partition(" ")
        return replace(key, arg=f"{keyboard.PAGE} {number} {alert} {question}")
    return key


def diagnosed(asking: Asking, question: Question, facts: Facts, alert: Alert | None) -> Page:
    """What a runbook's own question answers, with the buttons that lead on from there."""
    leads = {label: asked for label, asked in question.leads.items() if asking.leads_to(asked)}
    keys = keyboard.leading(leads)
    if question.suggests is not None and alert is not None:
        keys = [*keys, *keyboard.confirming(alert, question.suggests(facts))]
    return Page(template=question.template, values={**facts, "alert": alert}, keys=keys)
