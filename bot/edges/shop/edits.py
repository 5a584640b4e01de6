"""Small changes of the shop's rows, all or none: named statements with bound values."""

from collections.abc import Callable, Sequence
from pathlib import Path

from bot.core.model import Unreadable, phrase
from bot.core.runbook import ActionFailed
from bot.core.tools import Edit
from bot.edges.shop import sqlite_errors
from bot.edges.shop.threads import Stop, Threads
from bot.edges.shop.vacuum import LOCK_SECONDS
from bot.edges.shop.writing import whole, writing


class SqliteEdits:
    """One thread, one transaction for each call."""

    def __init__(self, path: Path, *, sql: Callable[..., str]) -> None:
        self._path, self._sql = path, sql
        self._threads = Threads("shop-edits", workers=1)

    async def change(self, edits: Sequence[Edit]) -> None:
        """Carry out all of them, or raise `ActionFailed` and leave everything as it was."""
        statements = [(self._sql(edit.query, dialect="sqlite"), edit) for edit in edits]

        def work(_stop: Stop) -> None:
            with (
                sqlite_errors.translated(self._path, limit_seconds=0),
                writing(self._path, busy_seconds=LOCK_SECONDS) as connection,
            ):
                connection.execute("PRAGMA foreign_keys=ON")
                with whole(connection):
                    for statement, edit in statements:
                        found = connection.execute(statement, dict(edit.binds)).rowcount
                        refuse_surprise(edit, found)

        try:
            await self._threads.run(work)
        except Unreadable as error:
            raise ActionFailed(error.why) from error

    async def close(self) -> None:
        await self._threads.close()


def refuse_surprise(edit: Edit, found: int) -> None:
    """Whoever changed the rows meanwhile was faster: nothing of ours is kept."""
    if found != edit.rows:
        raise ActionFailed(phrase("edit_changed_meanwhile", wanted=edit.rows, found=found))
