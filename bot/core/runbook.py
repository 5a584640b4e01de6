"""What a runbook is: how to see a trouble, explain it and repair it."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import TypeAlias

from bot.core.causes import Cause
from bot.core.job import Arg, Job
from bot.core.model import Alert, Facts, Moment, Phrase, Reading, Role
from bot.core.params import Param, told, usage
from bot.core.records import Run
from bot.core.slo import Objective
from bot.core.steps import Step
from bot.core.tools import ActionTools, Tools
from bot.core.trial import Trial


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A named read-only question with a template for its answer.

    `label` is the button's text; `read` fetches the values `template` is rendered with. `leads`
    are buttons under the answer: their labels, and the commands that they ask.
    """

    name: str
    label: str
    template: str
    read: Callable[[Tools, Moment], Awaitable[Facts]]
    suggests: Callable[[Facts], Sequence[Cause]] | None = None
    leads: Mapping[str, str] = field(default_factory=dict)


Detail: TypeAlias = Callable[[Tools, Moment], Awaitable[Facts]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Runbook:
    """One check with its diagnoses and remediations.

    `name` is the alert source (`check_db_growth`), `folder` its name in `checks/` and
    `templates/`. `needs` lists each table or view with the columns its queries use.
    While an alert of a check in `depends_on` is open, this one's alerts do not ring: their data is
    incomplete, or they are its consequence.
    `remediations` name modules of `bot.remediations`; `automatic` is the one that runs by
    itself where the policy allows; `repairs` says which subjects they are for. `steps` are the
    lines of its page; alerts that have none are read with those of the runbook whose number is
    `guide`. One that is not `enabled` has no rounds, and no alerts of them.
    """

    name: str
    title: str
    number: int
    detect: Callable[[Tools, Moment], Awaitable[Sequence[Reading]]]
    diagnose: Question
    needs: Mapping[str, Sequence[str]] = field(default_factory=dict)
    questions: Sequence[Question] = ()
    asks: Mapping[str, str] = field(default_factory=dict)  # a button's label, the command it asks
    remediations: Sequence[str] = ()
    automatic: str | None = None
    repairs: Callable[[str], bool] = lambda _subject: True
    job: Callable[[str], str | None] = lambda _subject: None  # whose next start its cards tell
    every: timedelta | None = None  # None: CHECK_INTERVAL_SEC
    hold: timedelta = timedelta(0)  # it must fire for so long before it is an alert
    keep: timedelta = timedelta(0)  # it must be well for so long before the alert is over
    details: Mapping[str, Detail] = field(default_factory=dict)  # what commands ask it, by name
    keeps: Sequence[str] = ()  # facts of its readings that are kept over time: numbers
    objective: Objective | None = None  # what it promises over weeks
    depends_on: Sequence[str] = ()  # checks whose open alerts make this one's doubtful
    linked: Sequence[str] = ()  # fingerprints that each other's cards name while both are open
    steps: Sequence[Step] = ()
    guide: int = 0
    schedule: Mapping[str, str] = field(default_factory=dict)  # jobs it expects: cron lines, UTC
    home: str = ""  # the folder of its templates, where several share one
    enabled: bool = True
    trial: Trial | None = None  # how its figures tell what a repair has done

    @property
    def folder(self) -> str:
        """Its name in `checks/` and `templates/`."""
        return self.home or self.name.removeprefix("check_")

    @property
    def switch(self) -> str:
        """The setting that switches it on and off."""
        return f"CHECKS__{self.folder.upper()}__ENABLED"

    @property
    def page(self) -> int:
        """The number of the runbook that its alerts are read with; 0: there is none."""
        return self.number or self.guide

    def cured_by(self, action: "Remediation", subject: str) -> bool:
        """Whether an alert should be over by it; other steps of its page only lead there."""
        if action.name not in self.remediations or not self.repairs(subject):
            return False
        return action.verified_by_check


@dataclass(frozen=True, slots=True)
class Refused:
    """Nothing was done, and why."""

    why: Phrase


class ActionFailed(Exception):  # noqa: N818  # an outcome, raised where the work happens
    """An action did not do its work; the phrase says what people should know."""

    def __init__(self, why: Phrase) -> None:
        super().__init__(f"{why.key} {dict(why.values)}")
        self.why = why


class Guard(StrEnum):
    """What stands between the wish and the deed. A typed command always asks at least once."""

    NONE = "none"  # a tap acts at once
    CONFIRM = "confirm"  # a second tap of the same person, within a minute
    TWO_PEOPLE = "two_people"  # the yes of another person who may do it too, within ten minutes


@dataclass(frozen=True, slots=True, kw_only=True)
class Remediation:
    """An action that changes something.

    `params` are its typed arguments; `target`, which may depend on them, is locked while it
    runs. `preflight` returns the facts for the question put to people, or refuses; it is asked
    again right before the work. `act` does the work and returns facts for the message; it raises
    `ActionFailed`, or `Stopped` where it is `cancellable`. `verify` gets those facts and looks at
    the world: it returns more facts, or raises `ActionFailed` where the work did not help. Where
    an alert asked for it, its check is looked at too, for as long as `settle`.
    `command` makes it a command of that name, with `about` in the menu. `undo` names the action
    that takes it back, offered for `undo_within`. After a crash `probe` says what it finds, and
    where `resumable` people may let it go on. `disruptive` ones run by themselves only inside
    the maintenance window. One with `hands_over` ends the assistant itself: its `verify` is made
    after the start.
    """

    name: str
    label: str
    target: str | Callable[[Mapping[str, Arg]], str]
    preflight: Callable[[ActionTools, Job], Awaitable[Facts | Refused]]
    act: Callable[[ActionTools, Job], Awaitable[Facts]]
    role: Role = Role.MANAGER
    guard: Guard = Guard.CONFIRM
    params: Sequence[Param] = ()
    command: str | None = None
    about: str = ""
    button: str = ""  # its label on a card, where it says more than `label`
    place: int = 60  # of the command in the menu
    verify: Callable[[ActionTools, Job, Facts], Awaitable[Facts]] | None = None
    proves: bool = False  # what `verify` says decides; the check looks too, for its card
    verified_by_check: bool = True  # false: its own success is the proof (a delivered notice)
    probe: Callable[[ActionTools, Job], Awaitable[Facts]] | None = None
    undo: str | None = None
    undo_within: timedelta = timedelta(minutes=10)
    cancellable: bool = False
    resumable: bool = False
    then: Mapping[str, str] = field(
        default_factory=dict
    )  # buttons after success, and their actions
    hands_over: bool = False
    suits: Callable[[Alert], bool] = lambda _alert: True  # whose card has its button
    needs_alert: bool = False  # it works on an alert: only a card's button starts it
    direct: bool = True  # false: only the button of what it undoes starts it
    disruptive: bool = False
    timeout: timedelta = timedelta(minutes=10)
    settle: timedelta = timedelta(seconds=60)
    cooldown: timedelta = timedelta(seconds=60)  # between two runs of it on one target
    automatic_pause: timedelta = timedelta(0)  # between two runs that nobody tapped

    def lock(self, args: Mapping[str, Arg]) -> str:
        """What is locked while it runs with these arguments."""
        return self.target if isinstance(self.target, str) else self.target(args)

    def title(self, run: Run) -> str:
        """The label with the arguments; what follows another run has none of its own."""
        words = [] if run.origin_id is not None else told(self.params, run.args)
        return " ".join([self.label, *words])

    @property
    def asks_nothing(self) -> bool:
        """Whether a button can start it without any argument."""
        return all(param.default is not None for param in self.params)

    @property
    def usage(self) -> str:
        return usage(self.command or self.label, self.params)
