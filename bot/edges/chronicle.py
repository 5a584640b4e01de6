"""What happens to alerts, in the log: a line for each event, with the alert's number.

The lines come from the tables, after the commit: what is in the log is true, and nothing that
decides about an alert has to think of it.
"""

import asyncio
import logging
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Final, Self

from bot.edges.store import SqlStore, changes
from bot.edges.store.changes import Happened
from bot.edges.store.tx import SqlTx

log = logging.getLogger(__name__)

MOST: Final = 200  # lines in one look
LONGEST: Final = 120  # characters of a subject, which may be a stranger's
LOUD: Final[Collection[str]] = frozenset({"opened", "reopened", "escalated"})


@dataclass(kw_only=True)
class Chronicle:
    """`wake()` after a change; `run` is an endless loop."""

    store: SqlStore
    last: int  # the row of history told last
    _changed: asyncio.Event = field(default_factory=asyncio.Event, init=False)

    @classmethod
    async def begin(cls, store: SqlStore) -> Self:
        """Tell what happens from now on."""
        return cls(store=store, last=await store.read(lambda tx: changes.last(tx.connection)))

    def wake(self) -> None:
        self._changed.set()

    async def run(self) -> None:
        while True:
            await self._changed.wait()
            self._changed.clear()
            await self.tell()

    async def tell(self) -> None:
        """Write a line for all that is new."""
        while found := await self.store.read(self._new):
            for one in found:
                _write(one)
                self.last = one.id

    def _new(self, tx: SqlTx) -> Sequence[Happened]:
        return changes.happened(tx.connection, after=self.last, most=MOST)


def _write(one: Happened) -> None:
    level = logging.WARNING if one.event in LOUD else logging.INFO
    seen = {
        "alert": one.alert_id,
        "check": one.check,
        "subject": " ".join(one.subject.split())[:LONGEST],
        "severity": one.severity,
        "by": one.who,
    }
    log.log(level, f"alert {one.event.replace('_', ' ')}", extra=seen)  # noqa: G004  # a few words
