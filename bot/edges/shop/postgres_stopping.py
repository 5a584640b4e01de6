"""A statement on a PostgreSQL server that somebody may stop."""

import asyncio
from contextlib import suppress

import psycopg
from psycopg import errors
from psycopg.abc import Query
from psycopg.rows import TupleRow

from bot.core.job import Stop

AGAIN = 0.3  # seconds: a cancellation that comes before the statement has begun does nothing


async def done(
    connection: psycopg.AsyncConnection[TupleRow], statement: Query, stop: Stop
) -> bool:
    """Run it to its end; false: the server has cancelled it, because somebody asked to stop.

    No cancellation is under way any more when this returns: it would hit what follows.
    """
    over, trouble = asyncio.Event(), None

    async def cancel() -> None:
        await stop.wait()
        while not over.is_set():
            with suppress(psycopg.Error):
                await connection.cancel_safe()
            with suppress(TimeoutError):
                async with asyncio.timeout(AGAIN):
                    await over.wait()

    async with asyncio.TaskGroup() as group:
        cancelling = group.create_task(cancel())
        try:
            await connection.execute(statement)
        except psycopg.Error as error:
            trouble = error  # raised outside: a group would wrap it
        finally:
            over.set()
            if not stop.asked:
                cancelling.cancel()
    if isinstance(trouble, errors.QueryCanceled) and stop.asked:
        return False
    if trouble is not None:
        raise trouble
    return True
