"""Wildberries, Ozon and the web API: can they be reached, do they take our keys.

Their quotas are the shop's: every answer is kept for a while, and a host that asked for a pause
is not called before it is over, across a restart of ours too.
"""

import asyncio
import json
import logging
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import urlsplit

from bot.core.markets import Answer, Key, Market, Path, Reach, Stage, Verdict
from bot.core.model import Source
from bot.edges.http import ANY, Call, Limits, Remote
from bot.edges.markets.asked import ask
from bot.edges.markets.keys import Slot, describe
from bot.edges.markets.pauses import Pauses
from bot.edges.markets.resolve import Resolver
from bot.edges.markets.way import Bounds, walk

log = logging.getLogger(__name__)

KEPT: Final = timedelta(seconds=60)
ASKING: Final = Limits(seconds=5, size=200_000)
OZON_LIST: Final = {"filter": {"visibility": "ALL"}, "last_id": "", "limit": 1}


class ShopMarkets:
    """`Markets` over the network. Close it when done."""

    def __init__(  # noqa: PLR0913  # what it asks, and whom it asks with
        self,
        slots: Sequence[Slot],
        *,
        pauses: Pauses,
        clock: Callable[[], datetime],
        resolver: Resolver,
        limits: Limits = ASKING,
        bounds: Bounds | None = None,
    ) -> None:
        self._slots = slots
        self._pauses = pauses
        self._clock = clock
        self._resolver = resolver
        self._limits = limits
        self._bounds = bounds or Bounds()
        self._remotes: dict[str, Remote] = {}
        self._kept: dict[str, Answer] = {}
        self._paths: dict[str, tuple[datetime, Path]] = {}
        self._locks: dict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def aclose(self) -> None:
        self._resolver.close()
        for remote in self._remotes.values():
            await remote.aclose()

    def keys(self, now: datetime) -> Sequence[Key]:
        return [describe(slot, now) for slot in self._slots if slot.is_key]

    async def try_keys(self) -> Mapping[str, Answer]:
        """Implement `Markets.try_keys`; one host after the other would take too long."""
        tried = [slot for slot in self._slots if slot.secret and not slot.is_half]
        answers = await asyncio.gather(*(self._try(slot) for slot in tried))
        return {slot.name: answer for slot, answer in zip(tried, answers, strict=True)}

    async def reach(self) -> Sequence[Reach]:
        mains = [slot for slot in self._slots if slot.main]
        return await asyncio.gather(*(self._reach(slot) for slot in mains))

    async def pauses(self, now: datetime) -> Mapping[str, datetime]:
        kept = await self._pauses.all(now)
        return {urlsplit(url).hostname or "?": end for url, end in kept.items()}

    async def sales_pause(self, now: datetime) -> datetime | None:
        """Implement `Markets.sales_pause`; hosts that other keys open, and ours, are no sales'.

        Nor is a marketplace for which there is no key: its quota is somebody else's.
        """
        kept = await self._pauses.all(now)
        hosts = {slot.url for slot in self._slots if slot.brings_sales}
        return max((end for url, end in kept.items() if url in hosts), default=None)

    async def _reach(self, slot: Slot) -> Reach:
        async with self._locks[f"way {slot.url}"]:
            path = await self._path(slot.url, ping=slot.market is not Market.WEB_API)
        answer = await self._try(slot) if path.stage is Stage.HTTP else None
        return Reach(market=slot.market, path=path, answer=answer)

    async def _path(self, url: str, *, ping: bool) -> Path:
        now = self._clock()
        at, known = self._paths.get(url, (None, None))
        if at is not None and known is not None and timedelta(0) <= now - at < KEPT:
            return known
        path = await walk(url, self._resolver, self._bounds, ping=ping)
        self._paths[url] = (now, path)
        return path

    async def _try(self, slot: Slot) -> Answer:
        """Ask with one key, unless the answer is known or the host wants to be left alone."""
        async with self._locks[slot.url]:  # one host, one call at a time
            now = self._clock()
            kept = self._kept.get(slot.name)
            if kept is not None and timedelta(0) <= now - kept.at < KEPT:
                return kept
            until = await self._pauses.until(slot.url, now)
            if until is not None:
                return Answer(at=now, verdict=Verdict.LIMITED, until=until)
            answer = await self._ask(slot, now)
            self._kept[slot.name] = answer
            if answer.until is not None:
                await self._pauses.keep(slot.url, answer.until, now)
            return answer

    async def _ask(self, slot: Slot, now: datetime) -> Answer:
        call = _call(slot, self._limits)
        if call is None:
            return Answer(at=now, verdict=Verdict.UNTRIED)
        answer, _ = await ask(self._remote(slot.url), call, slot, now)
        return answer

    def _remote(self, url: str) -> Remote:
        if url not in self._remotes:
            self._remotes[url] = Remote(url, Source.CHECK)
        return self._remotes[url]


def _call(slot: Slot, limits: Limits) -> Call | None:
    """Make the cheapest call that tells; None where there is none that does no harm."""
    secret = slot.secret or ""
    match slot.market:
        case Market.WILDBERRIES:
            headers = {"Authorization": secret} if secret else {}
            return Call(path="/ping", headers=headers, accept=ANY, limits=limits)
        case Market.OZON:
            return Call(
                method="POST",
                path="/v3/product/list",
                headers={
                    "Client-Id": slot.client or "",
                    "Api-Key": secret,
                    "Content-Type": "application/json",
                },
                content=json.dumps(OZON_LIST).encode(),
                accept=ANY,
                limits=limits,
            )
        case Market.WEB_API if slot.main:
            return Call(path="/health", accept=ANY, limits=limits)
        case _:
            return None  # to try the admin token is to clear the caches
