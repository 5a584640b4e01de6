"""Silences that are over: each is noticed once, also where clocks and transactions cross."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from bot.core import quiet
from bot.core.model import Json
from bot.core.policy import Policy
from bot.core.ports import Tx
from bot.core.records import Silence

KEY = "unsilenced"
MEMO_AGE = timedelta(minutes=1)
# A silence that was ended just before the last look may have been saved just after it.
OVERLAP = timedelta(minutes=1)


def newly_over(tx: Tx, policy: Policy, now: datetime) -> Sequence[Silence] | None:
    """Silences that ended since the last look.

    None: nobody knows, at the first look ever and where the wall clock was set back since.
    """
    memo = tx.recall(KEY)
    kept = memo if isinstance(memo, Mapping) else {}
    last = datetime.fromisoformat(str(kept["at"])) if "at" in kept else now
    told = kept.get("told")
    known = told if isinstance(told, Sequence) else ()
    ended = quiet.ended_since(tx, policy, last - OVERLAP, now)
    over = [one for one in ended if not _was_told(one, known, last)]
    if not kept or over or not timedelta(0) <= now - last <= MEMO_AGE:
        ids = [one.id for one in ended if one.id != quiet.PLANNED]
        tx.remember(KEY, {"at": now.isoformat(), "told": ids}, now)
    return None if last > now or not kept else over


def _was_told(one: Silence, known: Sequence[Json], last: datetime) -> bool:
    return one.until <= last if one.id == quiet.PLANNED else one.id in known
