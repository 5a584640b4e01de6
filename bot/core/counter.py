"""The counter where programs are served: the same answers to alerts as a tap's, and one audit log.

Each is one transaction: the alert is read anew, the change and the wish to show it are saved
together with the audit row.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from bot.core.book import Book
from bot.core.model import Alert, Person
from bot.core.ports import Store, Wake
from bot.core.press import Hand, Said, refuse

FAR_AWAY = 2**53  # more than any table has rows


@dataclass(frozen=True, slots=True, kw_only=True)
class Counter:
    store: Store
    book: Book
    clock: Callable[[], datetime]
    wake: Wake

    async def act(self, who: Person, did: str, work: Callable[[Hand], Said]) -> Said:
        """Let somebody act, who may; what came of it is in the audit log either way."""
        now = self.clock()

        def act(hand: Hand) -> Said:
            said = work(hand)
            hand.tx.audit.write(now=now, who=who, chat_id=0, did=did[:200], verdict=said.text.key)
            return said

        said = await self.store.write(lambda tx: act(Hand(tx, self.book, who, now)))
        self.wake()
        return said

    async def answer(
        self, who: Person, did: str, alert_id: int, work: Callable[[Hand, Alert], Said]
    ) -> Said:
        """Let somebody answer one alert."""

        def act(hand: Hand) -> Said:
            alert = hand.tx.alerts.get(alert_id) if alert_id < FAR_AWAY else None
            return work(hand, alert) if alert else refuse("alert_unknown", alert=alert_id)

        return await self.act(who, did, act)
