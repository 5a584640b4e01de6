"""What is kept beside the connection: whether a transaction gave somebody work; moved chats."""

from sqlalchemy import Connection

KEY = "sovani_touched"
MOVED = "sovani_moved"


def touch(connection: Connection) -> None:
    connection.info[KEY] = True


def take(connection: Connection) -> bool:
    """Read the mark and take it off."""
    return bool(connection.info.pop(KEY, False))


def forget_moves(connection: Connection) -> None:
    """What is kept of moved chats may no longer be true: a move, or one that was undone."""
    connection.info.pop(MOVED, None)
