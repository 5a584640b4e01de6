"""Which buttons a message has. Pure: labels, verbs and colours; tokens come later."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from bot.core.model import Alert, State
from bot.core.records import Run, RunState
from bot.core.runbook import Remediation, Runbook
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


def of_alert(alert: Alert, runbook: Runbook, actions: Sequence[Remediation], busy: bool) -> Keys:  # noqa: FBT001  # a fact about the run, not a switch
    """The card's buttons: repairs first, then answers, then what explains.

    `busy` hides the repairs while one of them is under way.
    """
    if alert.state is State.RESOLVED:
        return []
    repairs = [Key(one.label, Verb.DO, one.name, Colour.DANGER) for one in actions]
    views = [Key(one.label, Verb.ASK, one.name, Colour.PRIMARY) for one in runbook.questions]
    answers = [Key("Silence 1h", Verb.SILENCE)]
    if alert.state is State.FIRING:
        answers.insert(0, Key("Acknowledge", Verb.ACKNOWLEDGE, "", Colour.SUCCESS))
    explain = [Key("Diagnose", Verb.ASK, runbook.diagnose.name)]
    if runbook.number:
        explain.append(Key("Runbook", Verb.ASK, f"runbook {runbook.number}"))
    rows = [[] if busy else repairs, views, answers, explain]
    return [row for row in rows if row]


def of_run(run: Run, action: Remediation) -> Keys:
    if run.state is not RunState.PROPOSED:
        return []
    arg = str(run.id)
    yes = Key(f"Yes: {action.label}", Verb.CONFIRM, arg, Colour.DANGER)
    return [[yes, Key("Cancel", Verb.CANCEL, arg)]]
