"""Writes rows into SoVAni's tables; one that they never take keeps no other out of them."""

import logging
from collections.abc import Callable, Iterable
from typing import Final

from bot.core.model import Unreadable
from bot.edges.shop.history import Entry, ShopHistory

log = logging.getLogger(__name__)

REFUSED: Final = "mirror_refused"


async def write(history: ShopHistory, entries: Callable[[], Iterable[Entry]]) -> None:
    """Write all together; raise `Unreadable` where nothing can be written now.

    What is refused may be one row's fault, by a constraint that a shop has added: each is tried
    alone then. It is left out only where the same table takes another one.
    """
    try:
        await history.write(entries())
    except Unreadable as refusal:
        if refusal.why.key != REFUSED:
            raise
        await _one_by_one(history, list(entries()), refusal)


async def _one_by_one(history: ShopHistory, entries: list[Entry], refusal: Unreadable) -> None:
    taken: set[str] = set()
    refused: list[tuple[Entry, Unreadable]] = []
    for entry in entries:
        try:
            await history.write([entry])
        except Unreadable as alone:
            if alone.why.key != REFUSED:
                raise
            refused.append((entry, alone))
        else:
            taken.add(entry.table.name)
    if any(entry.table.name not in taken for entry, _ in refused):
        raise refusal
    await history.check()  # else the tables may have been closed to us in the middle of this
    for entry, why in refused:
        log.error(
            "a row of history for SoVAni is left out",
            extra={"table": entry.table.name, "row": entry.mark, "why": str(why)},
        )
