"""Disks of the assistant's own tables and archives, where they are not the shop's."""

from collections.abc import Callable
from typing import Final

from bot.core.machine import Disk
from bot.core.model import Json, Moment, Reading, Severity, fires, ok, phrase, unknown
from bot.core.tools import Tools

OURS: Final = ("state", "archive")
SHOP: Final = "shop"
PREFIX: Final = "disk "


async def read(
    tools: Tools, at: Moment, judge: Callable[[float], Severity | None]
) -> list[Reading]:
    """One reading a disk; `judge` takes how much is free, in per cent.

    An open alert whose disk cannot be seen stays open, and says so.
    """
    disks = await tools.host.disks()
    found = [_reading(one, judge) for one in disks if _is_ours(one)]
    held = {what for one in disks for what in one.holds}
    if held.issuperset(OURS):  # all of ours is elsewhere: what was open is over
        return found
    seen = {one.subject for one in found}
    blind = [one for one in at.open if one.startswith(PREFIX) and one not in seen]
    return [*found, *(unknown(one, phrase("disk_unseen")) for one in blind)]


def _is_ours(disk: Disk) -> bool:
    ours = any(what in OURS for what in disk.holds)
    return ours and SHOP not in disk.holds and disk.total_bytes > 0


def _reading(disk: Disk, judge: Callable[[float], Severity | None]) -> Reading:
    subject, severity = f"{PREFIX}{disk.mount}", judge(disk.free_pct)
    facts: dict[str, Json] = {
        "mount": disk.mount,
        "holds": [what for what in disk.holds if what in OURS],
        "disk_free_bytes": disk.free_bytes,
        "disk_total_bytes": disk.total_bytes,
        "disk_free_pct": disk.free_pct,
    }
    return ok(subject, **facts) if severity is None else fires(subject, severity, **facts)
