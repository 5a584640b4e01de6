"""What the endpoints may touch: made once, in `bot.commands.run`."""

import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from prometheus_client import CollectorRegistry, generate_latest

from bot.core.access import Access
from bot.core.book import Book
from bot.core.desk import Desk
from bot.core.detectors import Detectors
from bot.core.grants import ApiToken
from bot.core.model import Moment, Phrase
from bot.core.ports import Store, Wake
from bot.core.question import Command
from bot.core.tools import Tools
from bot.core.watch import Watch
from bot.edges.cards import Cards
from bot.edges.templates import Templates
from bot.web.incoming.intake import Intake

Part = Callable[[], Awaitable[Phrase | None]]  # None: it works; else why it does not


async def _no_metrics() -> bytes:
    return generate_latest(CollectorRegistry())


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """`parts` are what `/ready` asks, by name; `metrics` renders what `/metrics` answers."""

    store: Store
    book: Book
    cards: Cards
    templates: Templates
    watch: Watch
    detectors: Detectors
    tools: Tools
    access: Access
    commands: Mapping[str, Command]
    clock: Callable[[], datetime]
    wake: Wake
    desk: Desk
    intake: Intake
    tokens: Sequence[ApiToken] = ()
    open_reads: bool = True
    per_second: float = 20.0
    incoming_per_second: float = 400.0
    interval: timedelta = timedelta(minutes=5)
    resolve_timeout: timedelta = timedelta(minutes=5)
    repeat: timedelta = timedelta(hours=26)
    parts: Mapping[str, Part] = field(default_factory=dict)
    metrics: Callable[[], Awaitable[bytes]] = _no_metrics
    monotonic: Callable[[], float] = time.monotonic
    redact: Callable[[str], str] = str  # takes secrets out of every finished answer

    def moment(self) -> Moment:
        return Moment(now=self.clock(), zone=self.book.policy.zone)
