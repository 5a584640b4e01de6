"""What a runbook is: how to see a trouble, explain it and repair it."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from bot.core.model import Alert, Facts, Moment, Phrase, Reading, Role
from bot.core.slo import Objective
from bot.core.tools import ActionTools, Tools


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A named read-only question with a template for its answer.

    `label` is the button's text; `read` fetches the values `template` is rendered with.
    """

    name: str
    label: str
    template: str
    read: Callable[[Tools, Moment], Awaitable[Facts]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Runbook:
    """One check with its diagnoses and remediations.

    `name` is the alert source (`check_db_growth`), `folder` its name in `checks/` and
    `templates/`. `needs` lists each table or view with the columns its queries use.
    While an alert of a check in `depends_on` is open, this one's alerts do not ring: their data is
    incomplete, or they are its consequence.
    `remediations` name modules of `bot.remediations`; `automatic` is the one that runs by
    itself where the policy allows.
    """

    name: str
    title: str
    number: int
    detect: Callable[[Tools, Moment], Awaitable[Sequence[Reading]]]
    diagnose: Question
    needs: Mapping[str, Sequence[str]] = field(default_factory=dict)
    questions: Sequence[Question] = ()
    remediations: Sequence[str] = ()
    automatic: str | None = None
    every: timedelta | None = None  # None: CHECK_INTERVAL_SEC
    hold: timedelta = timedelta(0)  # it must fire for so long before it is an alert
    keep: timedelta = timedelta(0)  # it must be well for so long before the alert is over
    keeps: Sequence[str] = ()  # facts of its readings that are kept over time: numbers
    objective: Objective | None = None  # what it promises over weeks
    depends_on: Sequence[str] = ()  # checks whose open alerts make this one's doubtful

    @property
    def folder(self) -> str:
        """Its name in `checks/` and `templates/`."""
        return self.name.removeprefix("check_")


@dataclass(frozen=True, slots=True)
class Refused:
    """Nothing was done, and why."""

    why: Phrase


class ActionFailed(Exception):  # noqa: N818  # an outcome, raised where the work happens
    """An action did not do its work; the phrase says what people should know."""

    def __init__(self, why: Phrase) -> None:
        super().__init__(f"{why.key} {dict(why.values)}")
        self.why = why


@dataclass(frozen=True, slots=True, kw_only=True)
class Remediation:
    """An action that changes something.

    `target` is locked while it runs. `preflight` returns the facts for the question put to
    people, or refuses. `act` does the work and returns facts for the card. `settle` is how
    long the check may take to see the effect before the verdict is "did not help".
    `disruptive` ones run by themselves only inside the maintenance window.
    """

    name: str
    label: str
    target: str
    preflight: Callable[[ActionTools, Moment], Awaitable[Facts | Refused]]
    act: Callable[[ActionTools, Moment, Alert | None, str], Awaitable[Facts]]
    role: Role = Role.MANAGER
    confirm: bool = True
    disruptive: bool = False
    timeout: timedelta = timedelta(minutes=10)
    settle: timedelta = timedelta(seconds=60)
    automatic_pause: timedelta = timedelta(0)  # between two runs that nobody tapped
    verified_by_check: bool = True  # false: its own success is the proof (a delivered notice)
