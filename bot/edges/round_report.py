"""What `check` saw, as lines of a table and as the JSON of the web API's run-detectors."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from bot.core.detectors import Looked
from bot.core.model import Facts, Json, Phrase, Reading, Severity, Status, phrase
from bot.core.runbook import Runbook
from bot.core.watch import Blind, Off
from bot.edges.cards import Cards

OFF: Final = "off"


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A reading, or a whole check that could not look or is off: then it has no subject."""

    check: str
    subject: str
    status: Status | None  # None: the check is switched off
    severity: Severity
    message: str
    facts: Facts
    idle: bool
    took_ms: float

    @property
    def seen(self) -> str:
        """One word for it."""
        return OFF if self.status is None else self.status.value

    @property
    def fingerprint(self) -> str:
        return f"{self.check}:{self.subject}" if self.subject else self.check


def lines_of(done: Looked, cards: Cards) -> list[Line]:
    if isinstance(done.seen, Off):
        return [_off(done, cards.templates.say_plain(said_off(done.runbook)))]
    if isinstance(done.seen, Blind):
        why = done.seen.why
        return [_blind(done, cards.templates.say_plain(why.why), source=why.source)]
    if not done.seen:
        return [_blind(done, cards.templates.say_plain(phrase("check_saw_nothing")))]
    return [_line(done, reading, cards) for reading in done.seen]


def said_off(runbook: Runbook) -> Phrase:
    return phrase("check_off", setting=runbook.switch)


def counts(rounds: Sequence[Looked]) -> Mapping[str, Json]:
    """Count checks, not readings."""
    statuses = [done.status for done in rounds]
    return {
        "total_checks": len(statuses),
        "passed": statuses.count(Status.OK),
        "failed": statuses.count(Status.FIRING),
        "unknown": statuses.count(Status.UNKNOWN),
        OFF: statuses.count(None),
    }


def report(rounds: Sequence[Looked], lines: Sequence[Line]) -> Mapping[str, Json]:
    results = [_result(line) for line in lines]
    return {"status": "completed", **counts(rounds), "results": results}


def exit_code(rounds: Sequence[Looked]) -> int:
    """0: all is well. 1: something fires, which is the more certain. 2: something is unknown.

    What is switched off is no trouble; where nothing else was asked, nothing is known.
    """
    statuses = {done.status for done in rounds}
    if Status.FIRING in statuses:
        return 1
    return 2 if Status.UNKNOWN in statuses or statuses == {None} else 0


def _line(done: Looked, reading: Reading, cards: Cards) -> Line:
    blind = reading.status is Status.UNKNOWN and not reading.idle
    return Line(
        check=done.runbook.name,
        subject=reading.subject,
        status=reading.status,
        severity=Severity.ERROR if blind else reading.severity,
        message=cards.headline(done.runbook, reading),
        facts=reading.facts,
        idle=reading.idle,
        took_ms=done.took_ms,
    )


def _blind(done: Looked, message: str, **facts: Json) -> Line:
    return Line(
        check=done.runbook.name,
        subject="",
        status=Status.UNKNOWN,
        severity=Severity.ERROR,
        message=message,
        facts=facts,
        idle=False,
        took_ms=done.took_ms,
    )


def _off(done: Looked, message: str) -> Line:
    return Line(
        check=done.runbook.name,
        subject="",
        status=None,
        severity=Severity.INFO,
        message=message,
        facts={},
        idle=True,
        took_ms=done.took_ms,
    )


def _result(line: Line) -> Mapping[str, Json]:
    return {
        "ok": line.status is Status.OK,
        "severity": line.severity,
        "msg": line.message,
        "fingerprint": line.fingerprint,
        "extras": line.facts,
        "status": line.seen,
        "check": line.check,
        "subject": line.subject,
        "idle": line.idle,
        "took_ms": line.took_ms,
    }
