"""What an action is given to do its work, and how it says how far it is."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, TypeAlias

from bot.core.model import Alert, Facts, Moment, Person
from bot.core.records import Run

if TYPE_CHECKING:  # it knows the tools, and they know what a job is
    from bot.core.trial import Trial

Arg: TypeAlias = int | str  # a date is "2026-11-24": arguments are kept as JSON


def kept(args: Facts) -> dict[str, Arg]:
    """Arguments as they come out of the tables."""
    return {name: arg for name, arg in args.items() if isinstance(arg, int | str)}


class Stop:
    """Whether somebody has asked a running action to stop.

    Only the action knows where it can stop cleanly: it looks at `asked` there (threads may too)
    and raises `Stopped` with what is done so far.
    """

    def __init__(self) -> None:
        self._asked = asyncio.Event()

    @property
    def asked(self) -> bool:
        return self._asked.is_set()

    def ask(self) -> None:
        self._asked.set()

    async def wait(self) -> None:
        await self._asked.wait()


class Stopped(Exception):  # noqa: N818  # an outcome, raised where the work happens
    """The work ended early because it was asked to; the facts say how far it came."""

    def __init__(self, done: Facts) -> None:
        super().__init__(str(dict(done)))
        self.done = done


async def _unseen(_facts: Facts) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One run of an action, as the action sees it.

    `before` has the facts that were shown in the question; in the first pre-flight it is empty.
    `who` asked for it; None: the policy decided. `key` is of this decision for ever: whatever
    must not be done twice is bound to it. `origin` is the run that this one undoes or goes on
    with. `progress` shows facts on the message; call it as often as you like. Facts that every
    action's message knows: `phase` (a phrase's key), `done` and `total`. `trial` measures what a
    repair has done, where the check that has it among its repairs can.
    """

    moment: Moment
    key: str
    args: Mapping[str, Arg] = field(default_factory=dict)
    who: Person | None = None
    alert: Alert | None = None
    before: Facts = field(default_factory=dict)
    origin: Run | None = None
    progress: Callable[[Facts], Awaitable[None]] = _unseen
    stop: Stop = field(default_factory=Stop)
    trial: "Trial | None" = None

    @property
    def named(self) -> dict[str, object]:
        """How a line of the log names it."""
        return {"key": self.key, "alert": self.alert.id if self.alert else None}

    def number(self, name: str) -> int:
        return int(self.args[name])

    def word(self, name: str) -> str:
        return str(self.args[name])

    def day(self, name: str) -> date:
        return date.fromisoformat(self.word(name))
