"""What archiving and putting back share: names of files, limits, and counting afterwards."""

import hashlib
from datetime import date, timedelta
from typing import Final

from bot.core.archives import TABLE
from bot.core.job import Job
from bot.core.model import Facts, phrase
from bot.core.params import Param
from bot.core.runbook import ActionFailed, Refused
from bot.core.tools import ActionTools

LOCK: Final = "shop database"
DAYS: Final = Param(name="days", default=180, low=90, high=3650)
FILE: Final = Param(
    name="file",
    pattern=r"[A-Za-z0-9][A-Za-z0-9_-]{0,99}",
    like="daily_sales_before_2026-05-29_1a2b3c4d",
)
NEEDS: Final = {TABLE: ["id", "d", "sku_id", "warehouse_id"]}
BYTES_OF_A_ROW: Final = 250  # in the table and its two indexes
BESIDE_BYTES: Final = 50_000_000  # beside the database: its log, and what is held to go back
ONE_DAY: Final = timedelta(days=1)


def plan(job: Job) -> tuple[str, str]:
    """The file's name and the day that its rows end before; both are of the decision for ever.

    What goes on with an earlier run keeps the earlier one's.
    """
    known = job.before or (job.origin.before if job.origin else {})
    if known:
        return str(known["file"]), str(known["before"])
    before = (job.moment.today - job.number("days") * ONE_DAY).isoformat()
    mark = hashlib.sha256(job.key.encode()).hexdigest()[:8]
    return f"{TABLE}_before_{before}_{mark}", before


async def look_at_file(tools: ActionTools, name: str) -> Facts | Refused:
    """What would be put back, and whether there is room for it."""
    await tools.shop.require(NEEDS)
    file = await tools.archive.look(name)
    if no_room := await beside(tools, file.rows * BYTES_OF_A_ROW):
        return no_room
    return {
        "file": name,
        "rows": file.rows,
        "first": file.first,
        "last": _last(file.before),
        "before": file.before,
        "bytes": file.bytes,
    }


async def beside(tools: ActionTools, grows: int = 0) -> Refused | None:
    """Whether the database's disk has room; it grows into its free pages first.

    The disk of a server is unknown, and not judged.
    """
    size = await tools.shop.size()
    needs, free = max(0, grows - (size.free_bytes or 0)) + BESIDE_BYTES, size.disk_free_bytes
    if free is None or free >= needs:
        return None
    return Refused(phrase("archive_no_room_beside", needs_bytes=needs, free_bytes=free))


async def counted(tools: ActionTools, job: Job, after: Facts) -> Facts:
    """The table has the rows that were put back, and those that were there."""
    outlook = await tools.archive.outlook(str(job.before["file"]), str(job.before["before"]))
    wanted = _number(after["added"]) + _number(after["there"])
    if _number(outlook["rows"]) < wanted:
        raise ActionFailed(phrase("archive_miscounted", wanted=wanted, found=outlook["rows"]))
    return {"in_table": outlook["rows"]}


def _last(before: str) -> str:
    return (date.fromisoformat(before) - ONE_DAY).isoformat()


def _number(value: object) -> int:
    if not isinstance(value, int):
        raise TypeError(f"not a count: {value!r}")
    return value
