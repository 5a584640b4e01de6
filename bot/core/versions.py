"""The last two versions of some files, to tell what has changed since. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from difflib import unified_diff

from bot.core.machine import ConfigFile
from bot.core.model import Json

Versions = Mapping[str, Json]  # what is remembered


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """`lines` are those of a diff; none where only something hidden has changed."""

    name: str
    lines: Sequence[str]
    new: bool = False
    gone: bool = False


def remembered(before: Json, files: Sequence[ConfigFile], now: datetime) -> Versions | None:
    """What to remember now; None: nothing is new. Texts are the masked ones."""
    seen = {file.name: {"text": file.text, "mark": file.mark} for file in files}
    known = before if isinstance(before, Mapping) else {}
    current = known.get("files")
    if current == seen:
        return None
    old = {"before": current} if isinstance(current, Mapping) else {}
    return {"files": seen, "at": now.isoformat(), **old}


def changes(known: Json) -> list[Change]:
    """How the last version differs from the one before; nothing while there is only one."""
    if not isinstance(known, Mapping):
        return []
    before, after = known.get("before"), known.get("files")
    if not isinstance(before, Mapping) or not isinstance(after, Mapping):
        return []
    names = [*after, *(name for name in before if name not in after)]
    return [
        _change(name, _pair(before.get(name)), _pair(after.get(name)))
        for name in names
        if before.get(name) != after.get(name)
    ]


def _change(name: str, old: str | None, new: str | None) -> Change:
    diff = unified_diff((old or "").splitlines(), (new or "").splitlines(), lineterm="", n=0)
    shown = [line for line in diff if not line.startswith(("---", "+++", "@@"))]
    return Change(name=name, lines=shown, new=old is None, gone=new is None)


def _pair(version: Json) -> str | None:
    return str(version.get("text", "")) if isinstance(version, Mapping) else None
