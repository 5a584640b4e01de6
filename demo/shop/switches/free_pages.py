"""A file that kept the room of what was deleted from it."""

import asyncio
import sqlite3

from demo.shop.database import opened, reading, transaction
from demo.shop.switches.base import Card, Site

JUNK_MB = 170
ENOUGH_MB = 100
_MB = 1_000_000
_BATCH = 10  # MB in one transaction, so that other writers wait for a moment only


class FreePages:
    card = Card(
        id="full_of_free_pages",
        label="Database full of free pages",
        explains=f"Writes {JUNK_MB} MB into the database and deletes them: the file keeps its"
        " size. Only VACUUM gives the space back.",
        mend_by="Run VACUUM",
    )

    def __init__(self, site: Site) -> None:
        self._site = site

    async def is_on(self) -> bool:
        return await asyncio.to_thread(self._free_mb) >= ENOUGH_MB

    async def turn(self, *, on: bool) -> str | None:
        if on:
            await asyncio.to_thread(self._grow)
            return None
        return "The switch cannot take this back: tap Run VACUUM in the chat."

    def _free_mb(self) -> float:
        with reading(self._site.database) as connection:
            pages = int(connection.execute("PRAGMA freelist_count").fetchone()[0])
            return pages * int(connection.execute("PRAGMA page_size").fetchone()[0]) / _MB

    def _grow(self) -> None:
        if self._free_mb() >= ENOUGH_MB:
            return
        with opened(self._site.database) as connection:
            connection.execute("PRAGMA secure_delete=OFF")  # else it writes zeros over all of it
            connection.execute("CREATE TABLE IF NOT EXISTS demo_junk (body BLOB)")
            for _ in range(JUNK_MB // _BATCH):
                _insert(connection)
            connection.execute("DROP TABLE demo_junk")
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()


def _insert(connection: sqlite3.Connection) -> None:
    with transaction(connection):
        for _ in range(_BATCH):
            connection.execute("INSERT INTO demo_junk VALUES (zeroblob(?))", (_MB,))
