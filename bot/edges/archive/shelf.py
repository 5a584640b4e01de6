"""The folder of finished files: what there is, and whether it is whole."""

import errno
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from bot.core.archives import ArchiveFile, Shelf
from bot.core.model import phrase
from bot.core.runbook import ActionFailed
from bot.edges.archive import files
from bot.edges.archive.files import ENDING, Manifest, Paths

NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,99}")
READ_MOST: Final = 2_000_000_000  # bytes of files that one look at the shelf reads
FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


def paths(folder: Path, name: str) -> Paths:
    """Where the files of this archive are; a name that could lead elsewhere is of none."""
    if not NAME.fullmatch(name):
        raise ActionFailed(phrase("archive_missing", file=name))
    return Paths(folder, name)


def whole(place: Paths) -> Manifest:
    """The manifest of a file that is as it was written; anything else is refused."""
    manifest = files.load(place.manifest)
    if manifest is None or not place.file.exists():
        raise ActionFailed(phrase("archive_missing", file=place.file.name))
    if files.digest(place.file) != manifest.sha256:
        raise ActionFailed(phrase("archive_damaged", file=place.file.name))
    return manifest


def look(folder: Path) -> Shelf:
    if not folder.exists():
        return Shelf(folder=str(folder))
    parts = sorted(folder.glob(f"*{ENDING}.part"))
    return Shelf(
        folder=str(folder),
        files=list(_finished(folder)),
        unfinished=[one.name for one in parts],
        unfinished_bytes=sum(one.stat().st_size for one in parts),
    )


def _finished(folder: Path) -> Iterator[ArchiveFile]:
    """Read the newest to the end, as many as can be in a moment."""
    loaded = [files.load(path) for path in folder.glob("*.json")]
    left = READ_MOST
    for one in sorted(filter(None, loaded), key=lambda one: one.made_at, reverse=True):
        path = folder / one.file
        left -= one.bytes
        if not path.exists():
            yield shown(one, whole=False)
        else:
            yield shown(one, whole=files.digest(path) == one.sha256 if left >= 0 else None)


def shown(manifest: Manifest, *, whole: bool | None) -> ArchiveFile:
    return ArchiveFile(
        name=manifest.file.removesuffix(ENDING),
        rows=manifest.rows,
        first=manifest.first,
        before=manifest.before,
        bytes=manifest.bytes,
        made_at=manifest.made_at,
        shop=manifest.shop,
        whole=whole,
    )


def trouble(error: OSError, folder: Path) -> ActionFailed:
    if error.errno in FULL:
        return ActionFailed(phrase("archive_disk_full", folder=str(folder)))
    detail = error.strerror or str(error)
    return ActionFailed(phrase("archive_folder", folder=str(folder), detail=detail))
