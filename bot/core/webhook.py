"""Where Telegram brings updates, and what it shows that it is Telegram."""

import secrets
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from bot.core.model import Json
from bot.core.ports import Tx

KEY = "telegram:webhook"
HEADER = "X-Telegram-Bot-Api-Secret-Token"  # where Telegram shows the secret


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Webhook:
    """Both the path and the secret are secret; neither is ever shown."""

    base: str  # what the world calls us
    path: str
    secret: str

    @property
    def url(self) -> str:
        return self.base.rstrip("/") + self.path

    @property
    def paths(self) -> frozenset[str]:
        """Where it comes in: a proxy takes the prefix of the address away, or leaves it."""
        return frozenset({self.path, urlsplit(self.url).path})

    @property
    def secrets(self) -> tuple[str, str]:
        """What must never be shown; no setting names it where it is of our own making."""
        return self.path.rpartition("/")[2], self.secret


def kept(tx: Tx, base: str, secret: str | None, now: datetime) -> Webhook:
    """Recall path and secret, or make them at the first start; a secret of the settings wins."""
    if (found := read(tx.recall(KEY), base, secret)) is not None:
        return found
    path, own = f"/telegram/{secrets.token_urlsafe(24)}", secrets.token_urlsafe(32)
    tx.remember(KEY, {"path": path, "secret": own}, now)
    return Webhook(base=base, path=path, secret=secret or own)


def read(kept: Json, base: str, secret: str | None) -> Webhook | None:
    """Read what was kept; None: there was no start with a webhook yet."""
    match kept:
        case {"path": str(path), "secret": str(own)}:
            return Webhook(base=base, path=path, secret=secret or own)
        case _:
            return None
