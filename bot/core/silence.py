"""Which silence covers an alert. Pure."""

from collections.abc import Iterable

from bot.core.model import Alert
from bot.core.records import Silence


def covers(silence: Silence, alert: Alert) -> bool:
    """A silence never hides a rising severity: it covers alerts up to the one it was made for."""
    return (
        silence.check in {None, alert.check}
        and silence.subject in {None, alert.subject}
        and alert.severity.rank <= silence.severity.rank
    )


def find(active: Iterable[Silence], alert: Alert) -> Silence | None:
    """The silence that lasts longest of those that cover the alert."""
    found = [silence for silence in active if covers(silence, alert)]
    return max(found, key=lambda silence: silence.until, default=None)
