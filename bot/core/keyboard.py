"""Which buttons a message has. Pure: labels, verbs and colours; tokens come later."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from bot.core import steps
from bot.core.causes import LABELS, Cause
from bot.core.follow import can_resume, can_undo
from bot.core.model import Alert, State
from bot.core.records import Run, RunState, Silence
from bot.core.runbook import Remediation, Runbook
from bot.core.todo import Item, Step
from bot.core.verbs import Verb


class Colour(StrEnum):
    """Telegram's `style` of a button; danger is for what changes something."""

    DANGER = "danger"
    SUCCESS = "success"
    PRIMARY = "primary"
    PLAIN = ""


@dataclass(frozen=True, slots=True)
class Key:
    label: str
    verb: Verb
    arg: str = ""
    colour: Colour = Colour.PLAIN


Keys = Sequence[Sequence[Key]]
PAGE = "page"  # the question that turns another one's pages
LEADS_IN_A_ROW = 3
# The longest label that a phone of 360 points still shows whole, by how many share a row.
LONGEST = {1: 36, 2: 20, 3: 13, 4: 10, 5: 7}


def fitted(keys: Keys) -> Keys:
    """The same buttons in rows that a phone shows whole: too wide a row becomes several."""
    return [part for row in keys for part in _parts([_cut(key) for key in row])]


def _cut(key: Key) -> Key:
    whole = len(key.label) <= LONGEST[1]
    return key if whole else replace(key, label=f"{key.label[: LONGEST[1] - 1]}…")


def _parts(row: Sequence[Key]) -> Sequence[Sequence[Key]]:
    parts: list[list[Key]] = []
    for key in row:
        if parts and _fit([*parts[-1], key]):
            parts[-1].append(key)
        else:
            parts.append([key])
    return parts


def _fit(row: Sequence[Key]) -> bool:
    return max(len(key.label) for key in row) <= LONGEST.get(len(row), 0)


def of_alert(
    alert: Alert,
    runbook: Runbook,
    actions: Sequence[Remediation],
    busy: bool,  # noqa: FBT001  # a fact about the run, not a switch
    quiet: Silence | None = None,
) -> Keys:
    """The card's buttons: repairs first, then answers, then what explains.

    `busy` hides the repairs while one of them is under way. `quiet` is the silence that covers
    the alert.
    """
    if alert.state is State.RESOLVED:
        return []
    repairs = [Key(one.button or one.label, Verb.DO, one.name, Colour.DANGER) for one in actions]
    # Asked as on the runbook's page, which ticks it.
    said = steps.said(runbook.page, alert.id) if runbook.page else ""
    asks = {one.label: one.name for one in runbook.questions} | dict(runbook.asks)
    views = [Key(label, Verb.ASK, said + asked, Colour.PRIMARY) for label, asked in asks.items()]
    explain = [Key(runbook.diagnose.label, Verb.ASK, said + runbook.diagnose.name)]
    if runbook.page:
        explain.append(Key("Runbook", Verb.ASK, f"runbook {runbook.page} - {alert.id}"))
        explain.append(Key("Steps", Verb.ASK, f"runbook {runbook.page} steps {alert.id}"))
    pairs = [] if busy else [repairs[at : at + 2] for at in range(0, len(repairs), 2)]
    rows = [*pairs, views, _answers(alert, quiet), explain]
    return [row for row in rows if row]


def _answers(alert: Alert, quiet: Silence | None) -> list[Key]:
    """Take it or give it back, have quiet or end it, and the other lengths of a silence."""
    keys = [taking(alert)]
    if quiet is None:
        keys.append(Key("Silence 1h", Verb.SILENCE))
    elif may_end(quiet):
        keys.append(Key("End silence", Verb.UNSILENCE, str(quiet.id)))
    return [*keys, Key("More…", Verb.ASK, f"silence {alert.id}")]


def leading(leads: Mapping[str, str]) -> Keys:
    """From a diagnosis to what explains more, three buttons in a row."""
    keys = [Key(label, Verb.ASK, asked) for label, asked in leads.items()]
    return [keys[at : at + LEADS_IN_A_ROW] for at in range(0, len(keys), LEADS_IN_A_ROW)]


def confirming(alert: Alert, causes: Sequence[Cause]) -> Keys:
    """Why it is so, for a person to say: what is suggested first, and marked."""
    order = [*causes, *(one for one in LABELS if one not in causes)]
    keys = [
        Key(
            LABELS[one],
            Verb.CAUSE,
            f"{alert.id} {one}",
            Colour.PRIMARY if one in causes else Colour.PLAIN,
        )
        for one in order
        if one in LABELS
    ]
    return [keys[:2], keys[2:]]


def taking(alert: Alert, arg: str = "") -> Key:
    """The button that takes an alert, or gives it back."""
    if alert.state is State.FIRING:
        return Key("Acknowledge", Verb.ACKNOWLEDGE, arg, Colour.SUCCESS)
    return Key("Give back", Verb.GIVE_BACK, arg)


def of_item(item: Item, then: str = "") -> Keys:
    """What can be done to a step; `then` is what an answer shows afterwards."""
    arg = f"{item.id} {item.moves} {then}".strip()
    if not item.open:
        return [[Key("Open again", Verb.REOPEN, arg)]]
    own = Key("Give back", Verb.FREE, arg) if item.owner else taking_step(item, then)
    return [
        [own, finishing(item, then)],
        [Key("+1 day", Verb.LATER, arg), Key("Not needed", Verb.DROP, arg)],
    ]


def taking_step(item: Item, then: str = "", label: str = "Take") -> Key:
    arg = f"{item.id} {item.moves} {then}".strip()
    return Key(label, Verb.TAKE, arg, Colour.SUCCESS)


def finishing(item: Item, then: str = "", label: str = "Done") -> Key:
    return Key(label, Verb.DONE, f"{item.id} {item.moves} {then}".strip(), Colour.PRIMARY)


def adding(step: Step, alert_id: int | None, then: str = "") -> Key:
    """The button that puts a step of the catalogue on the checklist."""
    return Key(step.label, Verb.STEP, f"{step.key} {alert_id or 0} {then}".strip())


def may_end(quiet: Silence) -> bool:
    """Whether one alert's button may end it: hours of the settings and maintenance are wider."""
    return not quiet.maintenance


def of_run(run: Run, action: Remediation, following: Run | None = None) -> Keys:
    """What can be done to a run now; `following` is what undoes it or goes on with it."""
    arg = str(run.id)
    if run.state is RunState.PROPOSED:
        yes = Key(f"Yes: {action.label}", Verb.CONFIRM, arg, Colour.DANGER)
        return [[yes, Key("Cancel", Verb.CANCEL, arg)]]
    if run.state is RunState.RUNNING and action.cancellable and run.stop_by is None:
        return [[Key("Stop", Verb.STOP, arg, Colour.DANGER)]]
    if following is not None:
        return []
    if can_undo(run, action):
        return [[Key("Undo", Verb.UNDO, arg, Colour.DANGER)], *_then(run, action)]
    if can_resume(run, action):
        return [[Key("Resume", Verb.RESUME, arg, Colour.DANGER)]]
    return _then(run, action)


def _then(run: Run, action: Remediation) -> list[list[Key]]:
    """What is best done next, where this one worked."""
    if run.state is not RunState.SUCCEEDED:
        return []
    keys = [Key(label, Verb.DO, name, Colour.DANGER) for label, name in action.then.items()]
    return [keys] if keys else []
