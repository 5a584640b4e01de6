"""One line about an alert, that cannot fail."""

import logging
from datetime import datetime

from bot.core.model import Alert
from bot.core.ports import Tx
from bot.core.question import Wording

log = logging.getLogger(__name__)


def line(wording: Wording, alert: Alert) -> str | None:
    """None where the facts of an alert from before an update lack what today's line takes."""
    try:
        return wording.alert_line(alert)
    except Exception:
        # One line that cannot be said must not hide the other alerts.
        log.exception("alert line failed", extra={"alert": alert.id})
        return None


def card(wording: Wording, tx: Tx, alert: Alert, now: datetime) -> str | None:
    """The text of the alert's card; None likewise."""
    try:
        return wording.alert_card(tx, alert, now)
    except Exception:
        log.exception("alert card failed", extra={"alert": alert.id})
        return None
