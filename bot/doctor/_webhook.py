"""The assistant's own webhook: whether Telegram can bring updates to it, and we can ourselves."""

import sqlite3
from collections.abc import Mapping
from datetime import UTC, datetime
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final

from bot.core.model import Json, Phrase, Unreadable, phrase
from bot.core.webhook import HEADER, KEY, Webhook, read
from bot.doctor._http import Ask, Heard, ask, host
from bot.doctor._result import Case, Result, fine, ill, uneasy
from bot.edges.store.peek import remembered

WHAT: Final = phrase("doctor_updates")
DOOR: Final = phrase("doctor_door")
NO_UPDATE: Final = b"{"  # whoever knows the secret is told that this is not JSON; nothing happens


def kept(state: Path, base: str, secret: str | None) -> Webhook | None:
    """Look up path and secret in the state database; None: not made yet, or not ours to read."""
    try:
        return read(remembered(state, KEY), base, secret)
    except (OSError, sqlite3.Error, ValueError):
        return None


def judge(
    info: Mapping[str, Any], base: str, ours: Webhook | None, now: datetime, *, running: bool
) -> Result:
    url, waiting = str(info.get("url", "")), int(info.get("pending_update_count", 0))
    is_ours = url == ours.url if ours else bool(url) and url.startswith(f"{base}/")
    if not is_ours:
        if not running:
            return fine(WHAT, phrase("doctor_webhook_to_be_set", host=host(base)))
        seen = phrase("doctor_webhook_lost", host=host(url) if url else None)
        return ill(WHAT, seen, phrase("doctor_mend_webhook_lost"))
    trouble = _trouble(info, now)
    if waiting and trouble["words"]:
        seen = phrase("doctor_webhook_fails", waiting=waiting, **trouble)
        return ill(WHAT, seen, phrase("doctor_mend_webhook_fails"))
    return fine(WHAT, phrase("doctor_webhook_works", host=host(base), waiting=waiting, **trouble))


async def knock(case: Case, ours: Webhook) -> Result:
    """Go the way that Telegram goes, with what is no update."""
    question = Ask(
        url=ours.url,
        method="POST",
        headers={HEADER: ours.secret, "Content-Type": "application/json"},
        content=NO_UPDATE,
        seconds=case.seconds,
    )
    mend = phrase("doctor_mend_webhook_fails")
    try:
        trouble = answered(await ask(question), ours)
    except Unreadable as silence:
        # Some networks let nobody come from inside to their own outer address.
        return uneasy(DOOR, silence.why, mend)
    if trouble is None:
        return fine(DOOR, phrase("doctor_door_fine", host=host(ours.base)))
    return ill(DOOR, trouble, mend)


def answered(heard: Heard, ours: Webhook) -> Phrase | None:
    """Say what stands between us and our door; None: nothing does."""
    seen = (heard.object() or {}).get("instance")  # the path as it arrived at the assistant
    if seen is None:
        return phrase("doctor_door_other", status=heard.status, host=host(ours.base))
    if seen not in ours.paths:
        return phrase("doctor_door_path")
    if heard.status != HTTPStatus.BAD_REQUEST:
        return phrase("doctor_door_secret")
    return None


def _trouble(info: Mapping[str, Any], now: datetime) -> dict[str, Json]:
    words, at = info.get("last_error_message"), info.get("last_error_date")
    if not words or not isinstance(at, int):
        return {"words": None, "ago": None}
    ago = max(0.0, (now - datetime.fromtimestamp(at, UTC)).total_seconds())
    return {"words": str(words), "ago": ago}
