"""The file of settings on the disk: found, read, and replaced whole or not at all."""

import os
import stat
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from dotenv import dotenv_values

from bot.settings import Settings

OURS = 0o600
SHOP_BOT = "TELEGRAM_TOKEN"
NAMES = frozenset(name.upper() for name in Settings.model_fields)
NAME = "sovani_bot.db"


@dataclass(frozen=True, slots=True)
class EnvFile:
    """`values` are those that somebody has set: the examples of `.env.example` are none."""

    path: Path
    text: str = ""
    values: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_there(self) -> bool:
        return bool(self.text)

    @property
    def is_shops(self) -> bool:
        """Tell whether SoVAni reads it: what the assistant changes there, it changes for both."""
        return SHOP_BOT in self.values


def read(path: Path) -> EnvFile:
    """Raises `OSError` where it is there and cannot be read."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return EnvFile(path)
    found = {name: value for name, value in dotenv_values(path).items() if value}
    examples = {
        name.upper(): one.examples[0]
        for name, one in Settings.model_fields.items()
        if one.examples
    }
    own = {name: value for name, value in found.items() if examples.get(name) != value}
    return EnvFile(path, text, own)


def folders(target: Path, here: Path, home: Path) -> list[Path]:
    """Name the usual places of SoVAni, the nearest first."""
    near = [target.parent, here, here.parent, *(here.parent / one for one in ("sovani", "SoVAni"))]
    own = [home / one for one in ("sovani", "SoVAni", "sovani-bot")]
    return [*near, *own, *(Path(one) for one in ("/srv/sovani", "/opt/sovani", "/var/lib/sovani"))]


def shops_env(places: Iterable[Path], target: Path) -> EnvFile | None:
    """Find SoVAni's own file of settings, besides the one that is written."""
    for folder in places:
        path = folder / ".env"
        if path.resolve() == target.resolve() or not os.access(path, os.R_OK):
            continue
        if (found := read(path)).is_shops:
            return found
    return None


def databases(places: Iterable[Path]) -> list[Path]:
    found = (folder / NAME for folder in places)
    return list(dict.fromkeys(path.resolve() for path in found if path.is_file()))


def replace(target: Path, text: str, now: datetime) -> Path | None:
    """Write it whole or not at all; return where the copy of the old one is.

    A file that is there keeps its owner and loses what others may do: SoVAni's own is read
    by an account of its own.
    """
    path = target.resolve()
    before = path.stat() if path.exists() else None
    copy = _copy(path, now) if before else None
    descriptor, name = tempfile.mkstemp(prefix=".env-", dir=path.parent)  # 0600 from its birth
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
            if before is not None:
                _keep(file.fileno(), before)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    return copy


def _copy(path: Path, now: datetime) -> Path:
    copy = path.with_name(f"{path.name}.before-{now:%Y%m%d-%H%M%S}")
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
    with os.fdopen(os.open(copy, flags, OURS), "wb") as file:
        file.write(path.read_bytes())
    return copy


def _keep(descriptor: int, before: os.stat_result) -> None:
    if (before.st_uid, before.st_gid) != (os.geteuid(), os.getegid()):
        os.fchown(descriptor, before.st_uid, before.st_gid)
    os.fchmod(descriptor, OURS | (stat.S_IMODE(before.st_mode) & stat.S_IRGRP))
