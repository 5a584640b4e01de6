"""What a service was told: unit file and drop-ins with their secrets masked, and its crontab."""

import hashlib
import os
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from bot.core.machine import ConfigFile, Timer
from bot.core.model import phrase
from bot.edges.redact import HIDDEN, masked
from bot.edges.services.lines import Redact, cleaned
from bot.edges.services.programs import run

LARGEST: Final = 64_000  # bytes; a unit file is a page or two
_NEVER: Final = 2**64 - 1
_CRON_SECONDS: Final = 5.0
# Values of variables that say nothing to a stranger; everything else in Environment= is hidden.
_ASSIGNED: Final = re.compile(
    r"""(?P<quote>["'])(?P<name>\w+)=(?P<value>.*?)(?P=quote)(?=\s|$)|(?P<bare>\w+)=(?P<rest>\S*)"""
)
_PLAIN: Final = re.compile(
    r"[0-9.]{1,9}|true|false|yes|no|utf-?8|production|[A-Z][a-z]+/[A-Z]\w+|/[\w./-]*",
    re.IGNORECASE,
)


def read_files(names: Iterable[str], redact: Redact, root: Path = Path("/")) -> list[ConfigFile]:
    """Read blockingly what can be read; a file that cannot is left without a text."""
    return [_read(name, root, redact) for name in names if name]


def _read(name: str, root: Path, redact: Redact) -> ConfigFile:
    try:
        with (root / name.removeprefix("/")).open("rb") as file:
            raw = file.read(LARGEST)
    except OSError:
        return ConfigFile(name=name, text="", mark="")
    return shown(name, raw.decode(errors="replace"), redact)


def shown(name: str, text: str, redact: Redact) -> ConfigFile:
    lines = [_masked(line) for line in text.strip().splitlines()]
    return ConfigFile(
        name=name,
        text="\n".join(one for line in lines for one in cleaned(line, redact)),
        mark=hashlib.sha256(text.encode()).hexdigest()[:16],
    )


def _masked(line: str) -> str:
    key, equals, value = line.partition("=")
    if equals and key.strip() == "Environment":
        return f"{key}={_ASSIGNED.sub(_assigned, value)}"
    return masked(line)


def _assigned(found: re.Match[str]) -> str:
    quote, name = found["quote"] or "", found["name"] or found["bare"]
    value = (found["value"] if quote else found["rest"]) or ""
    known = _PLAIN.fullmatch(value) and masked(f"{name}={value}") == f"{name}={value}"
    return f"{quote}{name}={value if known else HIDDEN}{quote}"


def timer(name: str, seen: Mapping[str, Any]) -> Timer:
    return Timer(
        name=name,
        starts=str(seen["Unit"]),
        next_at=_time(seen["NextElapseUSecRealtime"]),
        last_at=_time(seen["LastTriggerUSec"]),
    )


def _time(microseconds: int) -> datetime | None:
    known = 0 < microseconds < _NEVER
    return datetime.fromtimestamp(microseconds / 1e6, UTC) if known else None


async def crontab(redact: Redact, user: str | None = None) -> list[ConfigFile]:
    """`crontab -l`; nothing where there is no cron or no table. Of another user only as root."""
    argv = ["crontab", *(["-u", user] if user else []), "-l"]
    name = " ".join(argv)
    if user and os.geteuid() != 0:  # crontab would refuse -u, its own account's too
        why = phrase("crontab_root", user=user)
        return [ConfigFile(name=name, text="", mark="", why=why)]
    try:
        answer = await run(argv, most_bytes=LARGEST, seconds=_CRON_SECONDS)
    except OSError:
        return []
    text = answer.out.decode(errors="replace")
    if answer.code:
        nothing = "no crontab" in answer.said
        return [] if nothing else [ConfigFile(name=name, text="", mark="")]
    return [shown(name, text, redact)] if text.strip() else []
