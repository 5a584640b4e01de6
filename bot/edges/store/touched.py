"""What is kept beside the connection: whether a transaction gave somebody work, and what was read.

One connection is the only writer while the process lives, so what it has read or written stays
true until it changes it itself, or a transaction is undone.
"""

from sqlalchemy import Connection

from bot.core.model import Alert
from bot.core.records import CheckState

KEY = "sovani_touched"
MOVED = "sovani_moved"
ALERTS = "sovani_alerts"
CHECKS = "sovani_checks"


def touch(connection: Connection) -> None:
    connection.info[KEY] = True


def take(connection: Connection) -> bool:
    """Read the mark and take it off."""
    return bool(connection.info.pop(KEY, False))


def open_alerts(connection: Connection) -> dict[int, Alert]:
    """Open alerts as they were last read or written, by id; each is true while its version is."""
    kept: dict[int, Alert] = connection.info.setdefault(ALERTS, {})
    return kept


def check_states(connection: Connection) -> dict[str, CheckState]:
    """Checks as they were last read or written; each is true while its `round_at` is."""
    kept: dict[str, CheckState] = connection.info.setdefault(CHECKS, {})
    return kept


def forget_moves(connection: Connection) -> None:
    """What is kept of moved chats may no longer be true."""
    connection.info.pop(MOVED, None)


def forget(connection: Connection) -> None:
    """The transaction is undone, and all that was kept of it must go."""
    for key in (KEY, MOVED, ALERTS, CHECKS):
        connection.info.pop(key, None)
