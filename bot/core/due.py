"""When the clock does something next, if nothing changes until then. Of one transaction."""

from datetime import datetime, timedelta

from bot.core.policy import Policy
from bot.core.ports import Tx


def next_at(tx: Tx, policy: Policy, now: datetime, grace: timedelta) -> datetime | None:
    """What was due already counts no more: it was done, or waits for something else of these."""
    quiet = (hours.until(now, policy.zone) for hours in policy.quiet_hours)
    promise = tx.heard.next_until(now - grace)
    times = (tx.next_due(now), *quiet, None if promise is None else promise + grace)
    return min((one for one in times if one is not None), default=None)
