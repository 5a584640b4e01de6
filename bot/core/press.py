"""A tap and what is answered to it, and the hand that does the work in one transaction."""

from dataclasses import dataclass
from datetime import datetime

from bot.core.book import Book
from bot.core.model import Alert, Person, Phrase, phrase
from bot.core.ports import Tx
from bot.core.records import Post


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
class Asks:
    """A read-only question was asked: answer it with a page of its own."""

    text: Phrase
    question: str
    arg: str
    alert: Alert | None
    post: Post


@dataclass(frozen=True, slots=True)
class Said:
    """Answered with a sentence; `loud` ones must be read (Telegram shows a window).

    `then` is what the tapped answer shows from now on; `closes`: the sentence takes its place.
    `leaves`: this message says "Looking…", and nobody waits for the answer any more.
    `checks`: this answer shows what a round of every check sees.
    """

    text: Phrase
    loud: bool = False
    then: Asks | None = None
    closes: Post | None = None
    leaves: Post | None = None
    checks: Post | None = None


Answer = Said | Asks


@dataclass(frozen=True, slots=True)
class Hand:
    """Somebody at work: in which transaction, by which rules, who and when."""

    tx: Tx
    book: Book
    who: Person
    now: datetime

    def note(self, alert: Alert, event: str, /, **values: str | int) -> None:
        self.book.note(
            self.tx, alert, self.now, event, who=self.who.name, user=self.who.id, **values
        )


def asks(text: str, alert: Alert | None, post: Post) -> Asks:
    """The question that a button's words name."""
    question, _, arg = text.partition(" ")
    return Asks(phrase("looking"), question, arg, alert, post)


def refuse(key: str, /, **values: str | float | None) -> Said:
    return Said(phrase(key, **values), loud=True)
