"""What an examination is given, and what it answers."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from bot.core.model import Phrase
from bot.core.runbook import Runbook
from bot.edges.templates import Templates
from bot.settings import Settings


class Verdict(StrEnum):
    OK = "ok"
    WARNING = "warning"
    BROKEN = "broken"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """Everything an examination may need.

    `folder` is where the assistant runs, `files` are those its settings come from; `seconds`
    limit one request, of which two in a row must fit into the time of an examination.
    """

    settings: Settings
    runbooks: Mapping[str, Runbook]
    templates: Templates
    clock: Callable[[], datetime]
    folder: Path = Path()
    files: Sequence[Path] = ()
    seconds: float = 4.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """One line of the table; `mend` is what to do about it."""

    what: Phrase
    verdict: Verdict
    seen: Phrase
    mend: Phrase | None = None


def fine(what: Phrase, seen: Phrase) -> Result:
    return Result(what=what, verdict=Verdict.OK, seen=seen)


def uneasy(what: Phrase, seen: Phrase, mend: Phrase) -> Result:
    """Works, or will, but somebody should know."""
    return Result(what=what, verdict=Verdict.WARNING, seen=seen, mend=mend)


def ill(what: Phrase, seen: Phrase, mend: Phrase) -> Result:
    return Result(what=what, verdict=Verdict.BROKEN, seen=seen, mend=mend)


def skipped(what: Phrase, seen: Phrase) -> Result:
    return Result(what=what, verdict=Verdict.SKIPPED, seen=seen)
