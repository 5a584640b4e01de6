"""What `check` saw, as lines of a table and as the JSON of the web API's run-detectors."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.core.model import Facts, Json, Reading, Severity, Status, phrase
from bot.core.runbook import Runbook
from bot.core.watch import Blind, Look, summary
from bot.edges.cards import Cards


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """What one check saw, and how long that took, the pause before a second look left out."""

    runbook: Runbook
    seen: Look
    took_ms: float

    @property
    def status(self) -> Status:
        return Status.UNKNOWN if isinstance(self.seen, Blind) else summary(self.seen)[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A reading, or a whole check that could not look: then it has no subject."""

    check: str
    subject: str
    status: Status
    severity: Severity
    message: str
    facts: Facts
    idle: bool
    took_ms: float

    @property
    def fingerprint(self) -> str:
        return f"{self.check}:{self.subject}" if self.subject else self.check


def lines_of(done: Round, cards: Cards) -> list[Line]:
    if isinstance(done.seen, Blind):
        why = done.seen.why
        return [_blind(done, cards.templates.say_plain(why.why), source=why.source)]
    if not done.seen:
        return [_blind(done, cards.templates.say_plain(phrase("check_saw_nothing")))]
    return [_line(done, reading, cards) for reading in done.seen]


def counts(rounds: Sequence[Round]) -> Mapping[str, Json]:
    """Count checks, not readings."""
    statuses = [done.status for done in rounds]
    return {
        "total_checks": len(statuses),
        "passed": statuses.count(Status.OK),
        "failed": statuses.count(Status.FIRING),
        "unknown": statuses.count(Status.UNKNOWN),
    }


def report(rounds: Sequence[Round], lines: Sequence[Line]) -> Mapping[str, Json]:
    results = [_result(line) for line in lines]
    return {"status": "completed", **counts(rounds), "results": results}


def exit_code(rounds: Sequence[Round]) -> int:
    """0: all is well. 1: something fires, which is the more certain. 2: something is unknown."""
    statuses = {done.status for done in rounds}
    if Status.FIRING in statuses:
        return 1
    return 2 if Status.UNKNOWN in statuses else 0


def _line(done: Round, reading: Reading, cards: Cards) -> Line:
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


def _blind(done: Round, message: str, **facts: Json) -> Line:
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


def _result(line: Line) -> Mapping[str, Json]:
    return {
        "ok": line.status is Status.OK,
        "severity": line.severity,
        "msg": line.message,
        "fingerprint": line.fingerprint,
        "extras": line.facts,
        "status": line.status,
        "check": line.check,
        "subject": line.subject,
        "idle": line.idle,
        "took_ms": line.took_ms,
    }
