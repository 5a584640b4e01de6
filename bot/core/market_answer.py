"""What an answer of a marketplace's API says about a key. Pure."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any, Final

from bot.core.markets import Verdict

OK: Final = range(200, 300)
SERVER_ERRORS: Final = 500
UNAUTHORIZED: Final = 401
FORBIDDEN: Final = 403
TOO_MANY: Final = 429
WORDS: Final = 120  # characters of theirs that are shown
SHORTEST, USUAL, LONGEST = timedelta(seconds=1), timedelta(seconds=60), timedelta(days=1)
RETRY: Final = ("x-ratelimit-retry", "retry-after")  # Wildberries' own, and everybody's

# Wildberries and Ozon name the reason of a refusal in English words, not in a code.
REASONS: Final[tuple[tuple[str, Verdict], ...]] = (
    ("scope", Verdict.WRONG_CATEGORY),
    ("expired", Verdict.EXPIRED),
    ("withdrawn", Verdict.WITHDRAWN),
    ("revoked", Verdict.WITHDRAWN),
    ("deactivated", Verdict.WITHDRAWN),
    ("malformed", Verdict.MALFORMED),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """One answer over HTTP; the names of `headers` are in small letters."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def is_page(self) -> bool:
        return self.body[:200].lstrip().startswith(b"<")

    def object(self) -> Mapping[str, Any] | None:
        try:
            answer = json.loads(self.body)
        except (ValueError, RecursionError):
            return None
        return answer if isinstance(answer, dict) else None


def verdict(heard: Heard) -> Verdict:
    """A limit or a trouble of their own says nothing about the key.

    A page where data belongs is a firewall's or a provider's, whatever its status below 500.
    """
    if heard.status == TOO_MANY:
        return Verdict.LIMITED
    if heard.status >= SERVER_ERRORS:
        return Verdict.THEIR_SIDE
    if heard.is_page:
        return Verdict.PAGE
    if heard.status in OK:
        return Verdict.WORKS if heard.object() is not None else Verdict.STRANGE
    if heard.status in {UNAUTHORIZED, FORBIDDEN}:
        return _refusal(heard)
    return Verdict.STRANGE


def _refusal(heard: Heard) -> Verdict:
    words = said(heard).lower()
    found = next((meaning for word, meaning in REASONS if word in words), None)
    if found is not None:
        return found
    return Verdict.WRONG_CATEGORY if heard.status == FORBIDDEN else Verdict.REFUSED


def said(heard: Heard) -> str:
    """Their own words about a refusal: Wildberries' `detail`, Ozon's `message`."""
    answer = heard.object() or {}
    for name in ("detail", "message", "error", "errorText"):
        if isinstance(text := answer.get(name), str) and text.strip():
            return "".join(c if c.isprintable() else " " for c in text).strip()[:WORDS]
    return ""


def wait_until(heard: Heard, now: datetime) -> datetime | None:
    """When they allow the next call; None where they ask for no pause."""
    if heard.status != TOO_MANY:
        return None
    told = (_pause(heard.headers.get(name), now) for name in RETRY)
    waits = [wait for wait in told if wait is not None]
    return now + min(max(waits[0] if waits else USUAL, SHORTEST), LONGEST)


def _pause(value: str | None, now: datetime) -> timedelta | None:
    """Read seconds, or a date as HTTP writes it."""
    text = (value or "").strip()
    if text.isascii() and text.isdigit():
        return timedelta(seconds=min(int(text[:9]), LONGEST.total_seconds()))
    try:
        then = parsedate_to_datetime(text)
    except (ValueError, TypeError, OverflowError):
        return None
    return (then if then.tzinfo else then.replace(tzinfo=UTC)) - now
