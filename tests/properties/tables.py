"""The real store without its thread, in a process that may die at any write."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import select

from bot.core.records import Post
from bot.edges.store.rows import to_post
from bot.edges.store.schema import posts
from bot.edges.store.thread import StateThread
from bot.edges.store.tx import SqlTx

T = TypeVar("T")


class Died(BaseException):
    """The power is off. Nobody may catch it but whoever switched it off."""


@dataclass
class Fuse:
    """Blows at the so-many-th write from now: before it is saved, or right after."""

    writes: int
    saved: bool


class Tables:
    def __init__(self, path: Path) -> None:
        self._thread = StateThread.open(path)
        self.fuse: Fuse | None = None
        self.changed: Callable[[], None] = lambda: None

    async def write(self, work: Callable[[SqlTx], T], *, durable: bool = False) -> T:
        del durable
        blows = self._burns()
        result, _ = self._thread.run("write", lambda tx: self._until_dead(work, tx))
        if blows:
            raise Died
        return result

    async def read(self, work: Callable[[SqlTx], T]) -> T:
        return self._thread.run("read", work)[0]

    def look(self, work: Callable[[SqlTx], T]) -> T:
        """Read, for the model: nothing can happen meanwhile."""
        return self._thread.run("read", work)[0]

    def posts(self) -> list[Post]:
        def all_of_them(tx: SqlTx) -> list[Post]:
            rows = tx.connection.execute(select(posts).order_by(posts.c.id))
            return [to_post(row) for row in rows.mappings()]

        return self.look(all_of_them)

    @property
    def rows(self) -> int:
        """How many rows were changed so far."""
        return self._thread.driver.total_changes

    def close(self) -> None:
        self._thread.close()

    def _burns(self) -> bool:
        if self.fuse is None:
            return False
        self.fuse.writes -= 1
        return self.fuse.writes <= 0

    def _until_dead(self, work: Callable[[Any], T], tx: SqlTx) -> T:
        result = work(tx)
        if self.fuse is not None and self.fuse.writes <= 0 and not self.fuse.saved:
            raise Died
        return result
