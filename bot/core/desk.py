"""The human half: what happens when somebody presses a button.

Every press is one transaction: the button, the alert and the right to act are read anew, the
change and the wish to show it are saved, and only then is Telegram told that it was taken.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.core import matrix
from bot.core.access import Access
from bot.core.book import Book
from bot.core.model import Alert, Person, Phrase, State, phrase
from bot.core.policy import CONFIRM_WITHIN
from bot.core.ports import Store, Tx, Wake
from bot.core.records import Button, Post, PostKind, Run, RunState, Silence
from bot.core.verbs import Verb

SILENCE = timedelta(hours=1)
GRACE_FOR_PREFLIGHT = timedelta(seconds=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class Press:
    """One tap: who, on which message of which chat, with which token.

    `id` is Telegram's number of the press: one that comes again is the same decision.
    """

    id: str
    who: Person
    chat_id: int
    message_id: int
    topic_id: int | None
    token: str


@dataclass(frozen=True, slots=True)
class Said:
    """Answered with a sentence; `loud` ones must be read (Telegram shows a window)."""

    text: Phrase
    loud: bool = False


@dataclass(frozen=True, slots=True)
class Asks:
    """A read-only question was asked: answer it with a page of its own."""

    text: Phrase
    question: str
    arg: str
    alert: Alert | None
    post: Post


Answer = Said | Asks


def refuse(key: str, /, **values: str | float | None) -> Said:
    return Said(phrase(key, **values), loud=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """Answers presses. `wake` runs after the change is saved."""

    store: Store
    book: Book
    access: Access
    clock: Callable[[], datetime]
    wake: Wake

    async def press(self, press: Press) -> Answer:
        now = self.clock()
        answer = await self.store.write(lambda tx: self._press(tx, press, now))
        self.wake()
        return answer

    def _press(self, tx: Tx, press: Press, now: datetime) -> Answer:
        button = tx.buttons.get(press.token)
        answer = self._guard(tx, press, button, now) or self._act(tx, press, button, now)
        did = f"{button.verb}:{button.arg}" if button else "press"
        tx.audit.write(
            now=now, who=press.who, chat_id=press.chat_id, did=did, verdict=answer.text.key
        )
        return answer

    def _guard(  # noqa: PLR0911  # one line a reason to refuse
        self, tx: Tx, press: Press, button: Button | None, now: datetime
    ) -> Said | None:
        """Whether this person may press this button here and now; None: yes."""
        role = self.access.role(press.who.id)
        if role is None:
            return refuse("stranger", user_id=press.who.id)
        if not self._knows_chat(tx, press.chat_id, press.who.id):
            return refuse("unknown_chat", chat_id=press.chat_id)
        if button is None:
            return refuse("button_unknown")
        post = tx.posts.get(button.post_id)
        if post is None or not self._same_message(tx, post, press):
            if post is not None and self._retire_copy(tx, post, press, now):
                return refuse("button_of_copy")
            return refuse("button_elsewhere")
        if now > button.expires_at:
            if post.alert_id is not None:
                tx.alerts.touch(post.alert_id)  # the card gets fresh buttons
            return refuse("button_expired")
        if button.only_user not in {None, press.who.id}:
            return refuse("confirm_other_person")
        if role.rank < Verb(button.verb).role.rank:
            return refuse("role_too_low", role=role, needed=Verb(button.verb).role)
        return None

    def _knows_chat(self, tx: Tx, chat_id: int, user_id: int) -> bool:
        """Count a group that has become a supergroup since the settings were written."""
        if self.access.knows_chat(chat_id, user_id):
            return True
        return any(tx.posts.new_id(known) == chat_id for known in self.access.chats)

    @staticmethod
    def _same_message(tx: Tx, post: Post, press: Press) -> bool:
        if post.chat_id != tx.posts.new_id(press.chat_id):
            return False
        if post.message_id is None:
            # Telegram's answer to our send was lost; this tap tells the message's number.
            tx.posts.save(replace(post, message_id=press.message_id))
            return True
        return post.message_id == press.message_id

    @staticmethod
    def _retire_copy(tx: Tx, post: Post, press: Press, now: datetime) -> bool:
        """A card sent twice, because an answer was lost: the older one says so from now on.

        Only a message that is no other post of ours is taken for a copy.
        """
        same_chat = post.chat_id == tx.posts.new_id(press.chat_id)
        if not (post.repeats and same_chat) or tx.posts.at(post.chat_id, press.message_id):
            return False
        notice = Post(
            id=0,
            kind=PostKind.NOTICE,
            chat_id=post.chat_id,
            message_id=press.message_id,
            template="notices/copy.html.j2",
            created_at=now,
        )
        tx.posts.add(notice)
        return True

    def _act(self, tx: Tx, press: Press, button: Button | None, now: datetime) -> Answer:
        assert button is not None  # noqa: S101  # the guard let it through
        post = tx.posts.get(button.post_id)
        assert post is not None  # noqa: S101  # likewise
        verb = Verb(button.verb)
        if verb in RUN_VERBS:
            return RUN_VERBS[verb](self, tx, press, int(button.arg), now)
        alert = tx.alerts.get(post.alert_id) if post.alert_id is not None else None
        if verb is Verb.ASK:
            question, _, arg = button.arg.partition(" ")
            return Asks(phrase("looking"), question, arg, alert, post)
        if alert is None or alert.state is State.RESOLVED:
            return refuse("alert_over")
        if verb is Verb.DO:
            return self._ask_to_run(tx, press, post, alert, button.arg, now)
        return ALERT_VERBS[verb](self, tx, press, alert, now)

    def _acknowledge(self, tx: Tx, press: Press, alert: Alert, now: datetime) -> Said:
        if alert.state is State.ACKNOWLEDGED:
            return refuse("already_taken", by=alert.acknowledged_by)
        taken = replace(
            alert,
            state=State.ACKNOWLEDGED,
            acknowledged_by=press.who.name,
            acknowledged_id=press.who.id,
            acknowledged_at=now,
        )
        tx.alerts.save(matrix.responded(taken, now))
        self.book.note(tx, alert, now, "acknowledged", who=press.who.name)
        return Said(phrase("taken"))

    def _silence(self, tx: Tx, press: Press, alert: Alert, now: datetime) -> Said:
        until = now + SILENCE
        tx.silences.add(
            Silence(
                id=0,
                check=alert.check,
                subject=alert.subject,
                severity=alert.severity,
                by_id=press.who.id,
                by_name=press.who.name,
                why="",
                created_at=now,
                until=until,
            )
        )
        tx.alerts.touch(alert.id)
        self.book.note(tx, alert, now, "silenced", who=press.who.name, until=until.isoformat())
        return Said(phrase("silenced", until=until.isoformat()))

    def _ask_to_run(  # noqa: PLR0913, PLR0917  # a press and all that it touches
        self, tx: Tx, press: Press, post: Post, alert: Alert, name: str, now: datetime
    ) -> Said:
        action = self.book.remediations[name]
        if active := tx.runs.active_on(action.target):
            if active.state is RunState.PROPOSED and active.asked_by == press.who.id:
                return refuse("confirm_below")
            return refuse(
                "busy", action=self.book.remediations[active.action].label, by=active.asked_name
            )
        run = Run(
            id=0,
            key=f"tap:{press.id}",
            action=name,
            target=action.target,
            state=RunState.ASKED if action.confirm else RunState.REQUESTED,
            asked_at=now,
            asked_by=press.who.id,
            asked_name=press.who.name,
            alert_id=alert.id,
            chat_id=post.chat_id,
            topic_id=post.topic_id,
            reply_to=post.id,
            expires_at=now + GRACE_FOR_PREFLIGHT,
        )
        if tx.runs.add(run) is None:
            return refuse("busy", action=action.label, by=press.who.name)
        tx.alerts.save(matrix.responded(alert, now), quiet=True)  # to start a repair is an answer
        self.book.note(tx, alert, now, "asked", who=press.who.name, action=action.label)
        return Said(phrase("preparing" if action.confirm else "started", action=action.label))

    def _confirm(self, tx: Tx, press: Press, run_id: int, now: datetime) -> Said:
        run = tx.runs.get(run_id)
        if run is None or run.state is not RunState.PROPOSED:
            return refuse("already_decided")
        if run.asked_by != press.who.id:
            return refuse("confirm_other_person")
        if run.expires_at is None or now > run.expires_at:
            self._close(tx, run, RunState.EXPIRED, now)
            return refuse("confirm_too_late", seconds=CONFIRM_WITHIN.total_seconds())
        alert = tx.alerts.get(run.alert_id) if run.alert_id is not None else None
        if alert is not None and alert.state is State.RESOLVED:
            self._close(tx, run, RunState.CANCELLED, now)
            return refuse("alert_over")
        tx.runs.move(replace(run, state=RunState.REQUESTED), frm=RunState.PROPOSED)
        if alert is not None:
            label = self.book.remediations[run.action].label
            self.book.note(tx, alert, now, "confirmed", who=press.who.name, action=label)
        return Said(phrase("started", action=self.book.remediations[run.action].label))

    def _cancel(self, tx: Tx, _press: Press, run_id: int, now: datetime) -> Said:
        run = tx.runs.get(run_id)
        if run is None or run.state is not RunState.PROPOSED:
            return refuse("already_decided")
        self._close(tx, run, RunState.CANCELLED, now)
        return Said(phrase("cancelled"))

    @staticmethod
    def _close(tx: Tx, run: Run, state: RunState, now: datetime) -> None:
        tx.runs.move(replace(run, state=state, finished_at=now), frm=run.state)
        tx.posts.want_run(run.id)

    def tidy(self, tx: Tx, now: datetime) -> int:
        """Close questions that nobody confirmed in time; say how many."""
        late = [
            run
            for run in tx.runs.in_state(RunState.ASKED, RunState.PROPOSED)
            if run.expires_at is not None and now > run.expires_at
        ]
        for run in late:
            self._close(tx, run, RunState.EXPIRED, now)
        return len(late)

    async def admit(self, who: Person, chat_id: int, did: str) -> Phrase | None:
        """None: this person may talk to us here. Else the refusal; the attempt is recorded."""
        if self.access.role(who.id) is not None and self.access.knows_chat(chat_id, who.id):
            return None

        def look(tx: Tx) -> Phrase | None:
            if self.access.role(who.id) is None:
                return phrase("stranger", user_id=who.id)
            if not self._knows_chat(tx, chat_id, who.id):
                return phrase("unknown_chat", chat_id=chat_id)
            return None

        refusal = await self.store.read(look)
        if refusal is not None:
            await self.record(who, chat_id, did, refusal)
        return refusal

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


AlertVerb = Callable[[Desk, Tx, Press, Alert, datetime], Said]
RunVerb = Callable[[Desk, Tx, Press, int, datetime], Said]

ALERT_VERBS: Mapping[Verb, AlertVerb] = {
    Verb.ACKNOWLEDGE: Desk._acknowledge,  # noqa: SLF001  # a table of this class's own methods
    Verb.SILENCE: Desk._silence,  # noqa: SLF001
}
RUN_VERBS: Mapping[Verb, RunVerb] = {
    Verb.CONFIRM: Desk._confirm,  # noqa: SLF001
    Verb.CANCEL: Desk._cancel,  # noqa: SLF001
}
