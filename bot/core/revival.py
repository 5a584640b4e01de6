"""After a long absence of ours, buttons are dead: Telegram keeps a tap for 150 seconds only."""

from datetime import datetime, timedelta

from bot.core.ports import Tx

KEY = "alive"
BEAT = timedelta(minutes=1)
TAPS_LIVE = timedelta(seconds=150)  # telegram.md: callback queries are dropped after that


def beat(tx: Tx, now: datetime) -> None:
    """Note once a minute that we live; call it as often as you like."""
    last = _last(tx)
    if last is None or now - last >= BEAT or last > now:
        tx.remember(KEY, now.isoformat(), now)


def revive(tx: Tx, now: datetime) -> int:
    """At the start: refresh the cards of open alerts if taps were lost; say how many."""
    last = _last(tx)
    tx.remember(KEY, now.isoformat(), now)
    away = last is not None and now - last > TAPS_LIVE
    return tx.posts.refresh() if away else 0


def _last(tx: Tx) -> datetime | None:
    value = tx.recall(KEY)
    return datetime.fromisoformat(value) if isinstance(value, str) else None
