"""A mirror that is killed in the middle, again and again: `python -m tests.edges.mirror.killed`.

Each try is a process of its own, forked before anything is opened.
"""

import asyncio
import os
import signal
import sys
from collections.abc import Iterable
from datetime import time
from pathlib import Path
from zoneinfo import ZoneInfo

from bot.core.book import Book
from bot.core.policy import Policy
from bot.edges.shop.history import Entry, Session, ShopHistory
from bot.edges.shop.sqlite_history import sqlite_sessions
from bot.edges.store import SqlStore
from bot.edges.templates import Templates
from bot.settings_types import Window
from tests import fakes
from tests.edges.mirror.scene import File, Scene
from tests.moment import ADMINS, TEAM, Clock

POINTS = ("first row", "third row", "last row", "rows are there", "cursor is there")


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


class Deadly(ShopHistory):
    """Ends the process where `point` says."""

    point: str
    rows = 0

    async def write(self, entries: Iterable[Entry]) -> None:
        await super().write(entries)
        if self.point == "rows are there":
            die()

    def _put(self, session: Session, entry: Entry, columns: set[str]) -> None:
        self.rows += 1
        super()._put(session, entry, columns)
        if (self.point, self.rows) in {("first row", 1), ("third row", 3), ("last row", 5)}:
            die()


async def one(folder: Path, point: str) -> None:
    store = await SqlStore.open(folder / "state.db")
    runbook = fakes.runbook()
    zone, window = ZoneInfo("Europe/Moscow"), Window(time(2), time(5))
    book = Book(
        runbooks={runbook.name: runbook},
        remediations={action.name: action for action in fakes.remediations()},
        policy=Policy(admin_chat=ADMINS, alert_chats=(TEAM,), zone=zone, maintenance=window),
        sight=runbook,
    )
    clock = Clock()
    clock.forward(minutes=5)
    shop = File(folder / "shop.db")
    scene = Scene(shop=shop, store=store, book=book, runbook=runbook, clock=clock)
    mirror = scene.mirror()
    mirror.history = Deadly(sqlite_sessions(shop.path), sql=mirror.entries.cards.templates.sql)
    mirror.history.point = point
    await mirror.turn()
    if point == "cursor is there":
        die()


def main(folder: Path) -> None:
    Templates(zone=ZoneInfo("UTC"), clock=Clock())  # compiled once for all that follow
    for point in (*POINTS, "to the end"):
        child = os.fork()
        if not child:
            asyncio.run(one(folder, point))
            os._exit(0)
        _, status = os.waitpid(child, 0)
        print(point, os.WTERMSIG(status) if os.WIFSIGNALED(status) else status)  # noqa: T201  # what the test reads


if __name__ == "__main__":
    main(Path(sys.argv[1]))
