"""Where Telegram brings updates, and what it shows that it is Telegram."""

import secrets
from dataclasses import dataclass
from datetime import datetime

from bot.core.ports import Tx

KEY = "telegram:webhook"


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Webhook:
    """Both the path and the secret are secret; neither is ever shown."""

    base: str  # what the world calls us
    path: str
    secret: str

    @property
    def url(self) -> str:
        return self.base.rstrip("/") + self.path


def kept(tx: Tx, base: str, secret: str | None, now: datetime) -> Webhook:
    """Recall path and secret, or make them at the first start; a secret of the settings wins."""
    known = tx.recall(KEY)
    match known:
        case {"path": str(path), "secret": str(own)}:
            pass
        case _:
            path, own = f"/telegram/{secrets.token_urlsafe(24)}", secrets.token_urlsafe(32)
            tx.remember(KEY, {"path": path, "secret": own}, now)
    return Webhook(base=base, path=path, secret=secret or own)
