"""What supervisord does not tell of its programs: their memory, and how often they came back."""

import re
from datetime import datetime, timedelta
from typing import Final

import psutil

_NEAR: Final = 3.0  # seconds: supervisord keeps whole ones, and the kernel counts from its start
_SOON: Final = timedelta(minutes=1)  # by itself it does not wait longer
_EVENT: Final = re.compile(
    r"^(?P<at>[\d-]{10} [\d:]{8}),\d+ \w+ (?:(?P<begins>supervisord started)"
    r"|(?P<what>spawned|exited|stopped|gave up): '?(?P<name>[^\s']+)'?"
    r"(?: with pid (?P<pid>\d+))?)",
    re.MULTILINE,
)


def memory(pid: int, start: float) -> int | None:
    """Bytes of this process and all its children; pages that they share count for each.

    None where it is not on this machine: the number may be another one's in another container,
    which did not begin in the same moment (`start`, seconds since 1970).
    """
    try:
        process = psutil.Process(pid)
        if abs(process.create_time() - start) > _NEAR:
            return None
        family = [process, *process.children(recursive=True)]
    except psutil.Error:
        return None
    sizes = [_size(one) for one in family]
    return sum(size for size in sizes if size is not None) if sizes[0] is not None else None


def _size(process: psutil.Process) -> int | None:
    try:
        return int(process.memory_info().rss)
    except psutil.Error:  # it has ended meanwhile
        return None


def restarts(log: str, name: str, pid: int) -> int | None:
    """How often supervisord itself has started it again since somebody started it.

    `log` is the end of its main log. None where that does not tell: it must go back to a start
    by somebody, and the last start in it must be this process's.
    """
    count: int | None = None
    last, fell = None, None
    for found in _EVENT.finditer(log):
        at = datetime.fromisoformat(found["at"])
        if found["begins"]:
            count, fell = 0, None
        if found["name"] != name:
            continue
        if found["what"] == "exited":
            fell = at
        elif found["what"] != "spawned":  # somebody stopped it, or it was given up
            count, fell = 0, None
        else:
            last = int(found["pid"] or 0)
            if fell is not None and at - fell > _SOON:
                count = 0
            elif fell is not None and count is not None:
                count += 1
            fell = None
    return count if last == pid else None
