"""The keys of the settings: what each is for, where it is tried, and what it says of itself."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from bot.core import wb_token
from bot.core.markets import Key, Market, Verdict, fingerprint
from bot.core.wb_token import Category


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """One key: its environment name, its secret and the host that it opens.

    `client` is the other half of Ozon's pair. `opens` are the Wildberries categories of which
    any will do. `main` marks the key that a look at the network shows.
    """

    name: str
    market: Market
    secret: str | None
    url: str = ""
    client: str | None = None
    opens: Collection[Category] = ()
    main: bool = False
    spare: bool = False

    @property
    def is_key(self) -> bool:
        """The web API itself wants none."""
        return not (self.main and self.market is Market.WEB_API)

    @property
    def is_half(self) -> bool:
        """Ozon's client id: it is tried together with its key."""
        return self.market is Market.OZON and not self.url

    @property
    def pair(self) -> bool:
        """Whether all that a call needs is there."""
        return bool(self.secret) and (self.market is not Market.OZON or bool(self.client))

    @property
    def brings_sales(self) -> bool:
        """Whether sales are collected with it, or with the one that it stands in for."""
        return self.pair and (self.main or self.spare) and self.market is not Market.WEB_API


def describe(slot: Slot, now: datetime) -> Key:
    """Without any part of the secret."""
    secret = slot.secret or ""
    token = wb_token.read(secret) if secret and slot.opens else None
    return Key(
        name=slot.name,
        market=slot.market,
        is_set=bool(secret),
        fingerprint=fingerprint(secret) if secret else "",
        expires=token.expires if token else None,
        scopes=[one.label for one in token.scopes] if token else [],
        read_only=token.read_only if token else False,
        sandbox=token.sandbox if token else False,
        flaw=_flaw(slot, secret, now) if secret else None,
        wanted=" or ".join(one.label for one in slot.opens),
        spare=slot.spare,
    )


def _flaw(slot: Slot, secret: str, now: datetime) -> Verdict | None:
    """What can be known to be wrong without asking anybody."""
    if not secret.isascii() or secret != secret.strip() or not secret.isprintable():
        return Verdict.MALFORMED
    if not slot.opens:
        return None
    token = wb_token.read(secret)
    if token is None:
        return Verdict.MALFORMED
    if token.expires <= now:
        return Verdict.EXPIRED
    return Verdict.WRONG_CATEGORY if token.lacks(slot.opens) else None
