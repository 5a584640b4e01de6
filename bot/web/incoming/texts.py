"""Words from outside, made fit for a card: cleaned, cut, counted. Pure."""

import hashlib
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from urllib.parse import urlsplit

from bot.core.model import Json, Severity

SHORT, LONG = 80, 400  # characters of a name, of a sentence
MOST_LABELS = 12
FIRST = ("instance", "host", "service", "namespace", "pod", "job")  # people look for these
LONGEST_LINK = 1000
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
HOSTS = re.compile(r"[A-Za-z0-9.\-_\[\]:%]+")
WORDS: Mapping[Severity, tuple[str, ...]] = {
    Severity.CRITICAL: (
        *("critical", "crit", "page", "fatal", "emergency", "emerg", "disaster", "alert"),
        *("sev1", "p1", "p0"),
    ),
    Severity.ERROR: ("error", "err", "major", "high", "sev2", "p2"),
    Severity.WARNING: ("warning", "warn", "minor", "average", "medium", "sev3", "p3"),
    Severity.INFO: (
        *("info", "information", "informational", "notice", "none", "low", "debug", "ok"),
        *("sev4", "sev5", "p4", "p5"),
    ),
}
BY_WORD = {word: severity for severity, words in WORDS.items() for word in words}


def severity_of(labels: Mapping[str, str]) -> Severity:
    """How bad it is by its `severity` label (or `level`, `priority`); not said: a warning."""
    for name in ("severity", "level", "priority"):
        if (word := labels.get(name, "").strip().lower()) in BY_WORD:
            return BY_WORD[word]
    return Severity.WARNING


def clean(text: str, longest: int = LONG) -> str:
    """One line without what no one should see: control signs and turned writing."""
    line = " ".join(CONTROL.sub(" ", text).split())
    return line if len(line) <= longest else f"{line[: longest - 1]}…"


def link(text: str) -> str | None:
    """The address, if it is one that people may be led to: http or https, with a host."""
    if len(text) > LONGEST_LINK or not text.isprintable() or " " in text:
        return None
    try:
        parts = urlsplit(text)
        host = parts.hostname
    except ValueError:
        return None
    if parts.scheme not in {"http", "https"} or not host or "@" in parts.netloc:
        return None
    return text if HOSTS.fullmatch(parts.netloc) else None


def subject_of(name: str, labels: Mapping[str, str]) -> str:
    """What tells this alert from all others of its sender: its name, and a hash of its labels."""
    said = "\x00".join(f"{key}\x01{labels[key]}" for key in sorted(labels))
    hashed = hashlib.sha256(said.encode("utf-8", "surrogatepass")).hexdigest()[:12]
    return f"{clean(name, SHORT)} {hashed}".strip()


def listed(pairs: Mapping[str, str], leave_out: Iterable[str]) -> tuple[list[Json], int]:
    """Pairs for a card, and how many more there are."""
    left_out = set(leave_out)
    shown = [pair for pair in sorted(pairs.items(), key=_order) if pair[0] not in left_out]
    cut: list[Json] = [
        [clean(key, SHORT), clean(value, 2 * SHORT)] for key, value in shown[:MOST_LABELS]
    ]
    return cut, max(0, len(shown) - MOST_LABELS)


def _order(pair: tuple[str, str]) -> tuple[int, str]:
    return FIRST.index(pair[0]) if pair[0] in FIRST else len(FIRST), pair[0]


def utc(moment: datetime | None) -> datetime | None:
    """The moment in UTC; None where it is not set, as Go writes year 1, or no calendar has it."""
    if moment is None or moment.year <= 1:
        return None
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        return None
