"""Small changes of rows on a PostgreSQL server, all or none."""

from collections.abc import Callable, Sequence

from bot.core.model import Unreadable
from bot.core.runbook import ActionFailed
from bot.core.tools import Edit
from bot.edges.shop import postgres_errors
from bot.edges.shop.edits import refuse_surprise
from bot.edges.shop.named_binds import to_psycopg
from bot.edges.shop.postgres import connect
from bot.edges.shop.vacuum import LOCK_SECONDS


class PostgresEdits:
    def __init__(self, conninfo: str, *, sql: Callable[..., str]) -> None:
        self._conninfo, self._sql = conninfo, sql

    async def change(self, edits: Sequence[Edit]) -> None:
        """Carry out all of them in one transaction, or raise `ActionFailed`."""
        try:
            with postgres_errors.translated(self._conninfo, limit_seconds=0):
                async with await connect(self._conninfo) as connection, connection.transaction():
                    waits = f"SET LOCAL lock_timeout = {LOCK_SECONDS * 1000:.0f}"
                    await connection.execute(waits.encode())
                    for edit in edits:
                        statement = to_psycopg(self._sql(edit.query, dialect="postgresql"))
                        cursor = await connection.execute(statement.encode(), dict(edit.binds))
                        refuse_surprise(edit, cursor.rowcount)
        except Unreadable as error:
            raise ActionFailed(error.why) from error

    async def close(self) -> None: ...
