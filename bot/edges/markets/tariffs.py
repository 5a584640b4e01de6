"""Wildberries' list of commissions: about 7 000 subjects, one request a minute, any token."""

import asyncio
import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from bot.core import tariffs
from bot.core.markets import Answer, Market, Verdict
from bot.core.model import Source, phrase
from bot.core.tariffs import TariffList
from bot.edges.http import ANY, Call, Limits, Remote
from bot.edges.markets.asked import ask
from bot.edges.markets.keys import Slot, describe
from bot.edges.markets.pauses import Pauses

KEPT: Final = timedelta(hours=1)
REFUSAL_KEPT: Final = timedelta(minutes=1)  # the quota is one request a minute
FETCHING: Final = Limits(seconds=15, size=16_000_000)
PATH: Final = "/api/v1/tariffs/commission"


class WbTariffs:
    """`Tariffs` over the network. Close it when done."""

    def __init__(  # noqa: PLR0913  # what it asks for, and whom
        self,
        slots: Sequence[Slot],
        *,
        url: str,
        column: str,
        pauses: Pauses,
        clock: Callable[[], datetime],
        limits: Limits = FETCHING,
    ) -> None:
        self._slots = [one for one in slots if one.market is Market.WILDBERRIES and one.secret]
        self._url = url
        self._column = column
        self._pauses = pauses
        self._clock = clock
        self._limits = limits
        self._remote = Remote(url, Source.CHECK)
        self._kept: TariffList | Answer | None = None
        self._lock = asyncio.Lock()

    async def aclose(self) -> None:
        await self._remote.aclose()

    async def commissions(self) -> TariffList | Answer:
        async with self._lock:  # two people at once make one request
            now = self._clock()
            slot = self._slot(now)
            if slot is None:
                return Answer(at=now, verdict=Verdict.UNSET)
            if self._kept is not None and timedelta(0) <= now - self._kept.at < _life(self._kept):
                return self._kept
            if until := await self._pauses.until(self._url, now):
                return Answer(at=now, verdict=Verdict.LIMITED, until=until)
            self._kept = await self._fetch(slot, now)
            if isinstance(self._kept, Answer) and self._kept.until is not None:
                await self._pauses.keep(self._url, self._kept.until, now)
            return self._kept

    def _slot(self, now: datetime) -> Slot | None:
        """The first key with nothing known against it, or else the first."""
        keys = {one.name: describe(one, now) for one in self._slots}
        good = [one for one in self._slots if _usable(keys[one.name].flaw, keys[one.name].sandbox)]
        return next(iter([*good, *self._slots]), None)

    async def _fetch(self, slot: Slot, now: datetime) -> TariffList | Answer:
        call = Call(
            path=PATH,
            headers={"Authorization": slot.secret or ""},
            query={"locale": "ru"},
            accept=ANY,
            limits=self._limits,
        )
        answer, body = await ask(self._remote, call, slot, now)
        if answer.verdict is not Verdict.WORKS:
            return answer
        found = tariffs.read(json.loads(body), self._column)
        strange = replace(answer, verdict=Verdict.STRANGE, said="")
        if found is None:
            return replace(strange, why=phrase("tariffs_no_list"))
        rates, unread = found
        if not rates:
            why = phrase("tariffs_no_rates", count=unread, column=self._column)
            return replace(strange, why=why)
        return TariffList(at=now, column=self._column, tariffs=rates, unread=unread)


def _usable(flaw: Verdict | None, sandbox: bool) -> bool:  # noqa: FBT001  # a fact about the key
    """Any category opens the tariffs; the test shop's key opens other hosts."""
    return flaw in {None, Verdict.WRONG_CATEGORY} and not sandbox


def _life(kept: TariffList | Answer) -> timedelta:
    return KEPT if isinstance(kept, TariffList) else REFUSAL_KEPT
