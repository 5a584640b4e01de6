"""The human half: what happens when somebody presses a button or types an order.

Every press is one transaction: the button, the alert and the right to act are read anew, the
change and the wish to show it are saved, and only then is Telegram told that it was taken.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from bot.core import (
    desk_alerts,
    desk_guard,
    desk_runs,
    desk_todo,
    desk_verbs,
    desk_wishes,
    people,
    todo_changes,
)
from bot.core.access import Access
from bot.core.book import Book
from bot.core.model import Alert, Person, Phrase, Role, phrase
from bot.core.ports import Store, Tx, Wake
from bot.core.press import Answer, Hand, Press, Said
from bot.core.question import Command, Order, Page
from bot.core.records import Run
from bot.core.verbs import Verb
from bot.core.wish import Right, Wish


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """Answers presses and orders. `wake` runs after the change is saved."""

    store: Store
    book: Book
    access: Access
    clock: Callable[[], datetime]
    wake: Wake
    _met: dict[int, str] = field(default_factory=dict)  # names known to be written down

    async def press(self, press: Press) -> Answer:
        now = self.clock()
        answer = await self.store.write(lambda tx: self._press(tx, press, now))
        self.wake()
        return answer

    def _press(self, tx: Tx, press: Press, now: datetime) -> Answer:
        button = tx.buttons.get(press.token)
        hand = Hand(tx, self.book, press.who, now)
        answer = desk_guard.refusal(hand, self.access, press, button) or desk_verbs.act(
            hand, self._right(press.who), press, button
        )
        did = f"{button.verb}:{button.arg}" if button else "press"
        tx.audit.write(
            now=now, who=press.who, chat_id=press.chat_id, did=did, verdict=answer.text.key
        )
        return answer

    async def propose(self, who: Person, wish: Wish, *, role: Role | None = None) -> Run | Phrase:
        """Ask for an action, with the checks and the record of a tap; the refusal, or the run.

        `role` is given where another door than Telegram has vouched for this person.
        """
        now = self.clock()

        def work(tx: Tx) -> Run | Phrase:
            right = self._right(who, role)
            outcome = desk_runs.propose(Hand(tx, self.book, who, now), right, wish)
            words = [f"do:{wish.action}", *map(str, wish.args.values())]
            verdict = outcome.text.key if isinstance(outcome, Said) else outcome.state
            did, chat = " ".join(words)[:200], wish.chat_id or 0
            tx.audit.write(now=now, who=who, chat_id=chat, did=did, verdict=verdict)
            return outcome.text if isinstance(outcome, Said) else outcome

        outcome = await self.store.write(work)
        self.wake()
        return outcome

    async def decide(
        self, who: Person, verb: Verb, run_id: int, *, chat_id: int = 0, role: Role | None = None
    ) -> Phrase:
        """Say yes or no to a run, or stop it, from elsewhere than its buttons."""
        now = self.clock()

        def work(tx: Tx) -> Phrase:
            right = self._right(who, role)
            said = desk_verbs.RUN_VERBS[verb](Hand(tx, self.book, who, now), right, run_id)
            did = f"{verb}:{run_id}"
            tx.audit.write(now=now, who=who, chat_id=chat_id, did=did, verdict=said.text.key)
            return said.text

        said = await self.store.write(work)
        self.wake()
        return said

    async def order(self, command: Command, order: Order) -> Page | Phrase | None:
        """Carry out what was typed. Everything about it is read anew, in one transaction.

        None: an action was proposed, and its own message asks what there is to ask.
        """

        def work(tx: Tx) -> Page | Phrase | None:
            role = self.access.role(order.who.id)
            outcome = _too_low(role, command.role) or self._carried_out(tx, command, order)
            tx.audit.write(
                now=order.now,
                who=order.who,
                chat_id=order.chat_id,
                did=order.text[:200],
                verdict=outcome.key if isinstance(outcome, Phrase) else "done",
            )
            return outcome

        outcome = await self.store.write(work)
        self.wake()
        return outcome

    async def remark(
        self, who: Person, *, chat_id: int, to: int, message_id: int, text: str
    ) -> Said | None:
        """Keep a reply to a card, a notice or a step as a note; None: it is nothing to us."""
        now = self.clock()

        def work(tx: Tx) -> Said | None:
            if not desk_guard.knows_chat(tx, self.access, chat_id, who.id):
                return None
            alert = desk_alerts.alert_of_message(tx, chat_id, to)
            item = desk_todo.of_message(tx, chat_id, to)
            if alert is None and item is None:
                return None
            said = _no_note(self.access.role(who.id))
            hand = Hand(tx, self.book, who, now)
            if said is None and item is not None:
                said = todo_changes.remark(hand, item, text)
            if not isinstance(alert, Alert):
                said = said or alert
            elif said is None or not said.loud:
                said = desk_alerts.note(hand, alert, text, f"{chat_id}:{message_id}")
            if said is not None:
                tx.audit.write(
                    now=now, who=who, chat_id=chat_id, did="reply", verdict=said.text.key
                )
            return said

        return await self.store.write(work)

    def _carried_out(self, tx: Tx, command: Command, order: Order) -> Page | Phrase | None:
        people.seen(tx, order.who, order.now)
        if command.act is not None:
            return command.act(tx, order)
        hand = Hand(tx, self.book, order.who, order.now)
        return desk_wishes.typed(hand, self._right(order.who), command, order)

    def _right(self, who: Person, role: Role | None = None) -> Right:
        """What this person may do, now; `role` where another door has vouched for it."""
        return Right(role or self.access.role(who.id), self.access)

    def tidy(self, tx: Tx, now: datetime) -> int:
        """Close questions that nobody confirmed in time; say how many."""
        return desk_runs.tidy(tx, now, self.book.policy.matrix)

    async def admit(self, who: Person, chat_id: int, did: str) -> Phrase | None:
        """None: this person may talk to us here. Else the refusal; the attempt is recorded."""
        if self.access.role(who.id) is None:
            refusal = phrase("stranger", user_id=who.id)
        elif await self._knows_chat(chat_id, who.id):
            await self._meet(who)
            return None
        else:
            refusal = phrase("unknown_chat", chat_id=chat_id)
        await self.record(who, chat_id, did, refusal)
        return refusal

    async def _knows_chat(self, chat_id: int, user_id: int) -> bool:
        """Ask the tables only where the settings do not name it: a group may have moved."""
        if self.access.knows_chat(chat_id, user_id):
            return True
        return await self.store.read(
            lambda tx: desk_guard.knows_chat(tx, self.access, chat_id, user_id)
        )

    async def _meet(self, who: Person) -> None:
        """Write a name down when it is new: the rota knows people by number only."""
        if self._met.get(who.id) == who.name:
            return
        now = self.clock()
        await self.store.write(lambda tx: people.seen(tx, who, now))
        self._met[who.id] = who.name

    async def record(self, who: Person, chat_id: int, did: str, verdict: Phrase) -> None:
        """Write down what was refused, and to whom."""
        now = self.clock()
        await self.store.write(
            lambda tx: tx.audit.write(
                now=now, who=who, chat_id=chat_id, did=did[:200], verdict=verdict.key
            )
        )

    async def moved(self, old: int, new: int) -> None:
        """Note that Telegram gave a group of ours another id when it became a supergroup."""

        def follow(tx: Tx) -> None:
            if any(tx.posts.new_id(known) == old for known in self.access.chats):
                tx.posts.chat_moved(old, new)

        await self.store.write(follow)
        self.wake()


def _too_low(role: Role | None, needed: Role) -> Phrase | None:
    if role is None or role.rank < needed.rank:
        return phrase("role_too_low", role=role, needed=needed)
    return None


def _no_note(role: Role | None) -> Said | None:
    """Strangers and viewers may talk as they like; it is not kept."""
    too_low = _too_low(role, Role.MANAGER)
    return Said(too_low, loud=True) if too_low else None
