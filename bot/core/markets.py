"""Marketplaces seen from outside: are they there, do they take our keys. Values and a port."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from bot.core.model import Phrase


class Market(StrEnum):
    WILDBERRIES = "Wildberries"
    OZON = "Ozon"
    WEB_API = "web API"


class Verdict(StrEnum):
    """What an answer says, and so whose turn it is."""

    WORKS = "works"
    UNSET = "unset"  # the other side answers, but we have no key to show
    EXPIRED = "expired"  # ours: the key's time is over
    WITHDRAWN = "withdrawn"  # ours: somebody has deleted the key
    WRONG_CATEGORY = "wrong category"  # ours: the key opens other doors
    MALFORMED = "malformed"  # ours: the key was cut short or mistyped
    REFUSED = "refused"  # ours: not accepted, no reason given
    LIMITED = "limited"  # ours: too many requests
    THEIR_SIDE = "their side"  # an error of theirs
    PAGE = "page"  # a web page where data belongs: a firewall or a provider answers
    STRANGE = "strange"
    NETWORK = "network"  # no answer at all
    UNTRIED = "untried"  # there is no harmless call that would tell

    @property
    def is_our_key(self) -> bool:
        return self in OUR_KEY


OUR_KEY = frozenset(
    {
        Verdict.EXPIRED,
        Verdict.WITHDRAWN,
        Verdict.WRONG_CATEGORY,
        Verdict.MALFORMED,
        Verdict.REFUSED,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One cheap call. `until`: the other side asks for no call before then."""

    at: datetime
    verdict: Verdict
    status: int | None = None
    ms: float | None = None
    until: datetime | None = None
    why: Phrase | None = None
    said: str = ""  # the other side's own words, cut and on one line


class Stage(StrEnum):
    """Where a connection stopped."""

    ADDRESS = "address"  # the setting is no address
    DNS = "dns"
    NETWORK = "network"
    TLS = "tls"
    HTTP = "http"  # it got through; the answer says the rest


@dataclass(frozen=True, slots=True, kw_only=True)
class Echo:
    """What came back of a few pings. `allowed`: whether any could be sent from here."""

    allowed: bool = True
    sent: int = 0
    back_ms: Sequence[float] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Path:
    """The way to a host, step by step; what was not reached is None.

    `second` is what another resolver says where ours does not know the name: True where it
    does know it, so that our own resolver is at fault.
    """

    host: str
    stage: Stage
    addresses: int = 0
    dns_ms: float | None = None
    second: bool | None = None
    connect_ms: float | None = None
    tls_ms: float | None = None
    certificate_until: datetime | None = None
    echo: Echo | None = None  # None: not asked for, or there was no address
    why: Phrase | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    market: Market
    path: Path
    answer: Answer | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """One of the keys in the settings, without any part of it.

    `flaw` says what is wrong with it as it stands; `sandbox` keys open the test shop only.
    """

    name: str  # WB_STATS_TOKEN
    market: Market
    is_set: bool
    fingerprint: str = ""
    expires: datetime | None = None
    scopes: Sequence[str] = ()
    read_only: bool = False
    sandbox: bool = False
    flaw: Verdict | None = None
    wanted: str = ""  # the category it is for
    spare: bool = False  # a backup: waits for the day the other one fails


class Markets(Protocol):
    """Wildberries, Ozon and the web API, asked as seldom and as cheaply as can be."""

    def keys(self, now: datetime) -> Sequence[Key]:
        """Read from the settings alone; nobody is asked."""
        ...

    async def try_keys(self) -> Mapping[str, Answer]:
        """One cheap call for each key that is set, by the key's name; answers are kept a while."""
        ...

    async def reach(self) -> Sequence[Reach]: ...

    async def pauses(self, now: datetime) -> Mapping[str, datetime]:
        """Hosts that want to be left alone, and until when."""
        ...

    async def sales_pause(self, now: datetime) -> datetime | None:
        """Until when sales are not to be collected: the longest pause of those they come from."""
        ...


class NoMarkets:
    """Nothing is known of any marketplace."""

    def keys(self, now: datetime) -> Sequence[Key]:
        del now
        return []

    async def try_keys(self) -> Mapping[str, Answer]:
        return {}

    async def reach(self) -> Sequence[Reach]:
        return []

    async def pauses(self, now: datetime) -> Mapping[str, datetime]:
        del now
        return {}

    async def sales_pause(self, now: datetime) -> datetime | None:
        del now
        return None


def fingerprint(secret: str) -> str:
    """Six hex digits that tell two keys apart and nothing about either."""
    return hashlib.sha256(secret.encode()).hexdigest()[:6]
