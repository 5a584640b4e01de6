"""What the checks last saw, in one line each. Unknown and overdue are never "ok"."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.core.model import Phrase, Reading, Status, phrase
from bot.core.question import Asking
from bot.core.records import CheckState
from bot.core.runbook import Runbook

log = logging.getLogger(__name__)

OVERDUE_ROUNDS = 3
OFF = "off"
SLACK = timedelta(minutes=1)  # a round may take its time


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """`text` is a headline, `why` the reason where there is none; `lamp` names a picture."""

    lamp: str  # ok, info … critical, unknown, idle
    text: str = ""
    why: Phrase | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """One check for a template; `state` None: it has not looked yet, or is switched off."""

    runbook: Runbook
    state: CheckState | None
    lamp: str
    lines: Sequence[Line]
    every: timedelta
    overdue: bool


async def views(asking: Asking) -> list[View]:
    """Read all checks, in the order of their runbooks."""
    found = await asking.store.read(lambda tx: {state.name: state for state in tx.checks.all()})
    return [
        view(asking, runbook, found.get(runbook.name)) for runbook in asking.book.runbooks.values()
    ]


def view(asking: Asking, runbook: Runbook, state: CheckState | None) -> View:
    every = runbook.every or asking.interval
    if state is None or not runbook.enabled:
        lamp = "unknown" if runbook.enabled else OFF
        return View(runbook=runbook, state=None, lamp=lamp, lines=(), every=every, overdue=False)
    overdue = is_overdue(state.round_at, every, asking.moment.now)
    return View(
        runbook=runbook,
        state=state,
        lamp="unknown" if overdue else lamp_of(state),
        lines=_lines(asking, runbook, state),
        every=every,
        overdue=overdue,
    )


def is_overdue(round_at: datetime, every: timedelta, now: datetime) -> bool:
    return now - round_at > OVERDUE_ROUNDS * every + SLACK


def lamp_of(state: CheckState) -> str:
    if state.status is Status.FIRING:
        firing = [one.severity for one in state.readings if one.status is Status.FIRING]
        return max(firing, key=lambda severity: severity.rank).value if firing else "unknown"
    if state.status is Status.UNKNOWN:
        return "idle" if state.idle else "unknown"
    return "ok"


def _lines(asking: Asking, runbook: Runbook, state: CheckState) -> list[Line]:
    """The worst first. A blind check has its reason alone: old readings are not news."""
    if state.status is Status.UNKNOWN and state.why is not None and not _fresh(state):
        return [Line(lamp=lamp_of(state), why=state.why)]
    return [_line(asking, runbook, one) for one in sorted(state.readings, key=_badness)]


def _fresh(state: CheckState) -> bool:
    """Whether the readings are those of the last round: a blind round keeps the older ones."""
    return any(one.status is Status.UNKNOWN and one.why == state.why for one in state.readings)


def _badness(reading: Reading) -> tuple[int, int]:
    order = {Status.FIRING: 0, Status.UNKNOWN: 1, Status.OK: 2}
    return order[reading.status], -reading.severity.rank


def _line(asking: Asking, runbook: Runbook, reading: Reading) -> Line:
    match reading.status:
        case Status.UNKNOWN:
            return Line(lamp="idle" if reading.idle else "unknown", why=reading.why)
        case Status.FIRING:
            lamp = reading.severity.value
        case Status.OK:
            lamp = "ok"
    try:
        return Line(lamp=lamp, text=asking.wording.headline(runbook, reading))
    except Exception:
        # The facts of a round before an update may lack what today's sentence takes; one line
        # that cannot be said must not hide all the others.
        log.exception("headline failed", extra={"check": runbook.name})
        return Line(lamp=lamp, why=phrase("line_unreadable"))
