"""The whole story of one alert: how it stands, and all that happened to it."""

import logging
from dataclasses import dataclass
from datetime import datetime

from bot.core import quiet
from bot.core.counter import FAR_AWAY
from bot.core.keyboard import Key, may_end, taking
from bot.core.model import Alert, State, Unreadable, phrase
from bot.core.paging import FAR, turn
from bot.core.ports import Tx
from bot.core.question import Asking, Command, Page, Param, Wording
from bot.core.records import HistoryEntry, Silence
from bot.core.verbs import Verb
from bot.questions._orders import ID

log = logging.getLogger(__name__)

SIZE = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    alert: Alert
    card: str | None
    entries: list[HistoryEntry]  # the newest first
    silence: Silence | None


def command() -> Command:
    return Command(
        name="alert",
        about="One alert's whole story",
        read=read,
        params=[ID, Param(name="page", default=1, low=1, high=FAR)],
        place=31,
    )


async def read(asking: Asking) -> Page:
    number = asking.number("id")
    story = await asking.store.read(lambda tx: _look(tx, asking, number))
    if story is None:
        raise Unreadable(phrase("alert_unknown", alert=number))
    page = turn(asking.number("page"), total=len(story.entries), size=SIZE)
    values = {
        "alert": story.alert,
        "card": story.card,
        "entries": page.of(story.entries)[::-1],
        "page": page,
    }
    turns = page.keys(f"alert {number}")
    keys = [_answers(story), turns]
    return Page(template="answers/alert.html.j2", values=values, keys=[row for row in keys if row])


def _look(tx: Tx, asking: Asking, number: int) -> Story | None:
    alert = tx.alerts.get(number) if number < FAR_AWAY else None
    if alert is None:
        return None
    now = asking.moment.now
    return Story(
        alert=alert,
        card=_card(asking.wording, tx, alert, now),
        entries=list(tx.alerts.history(number))[::-1],
        silence=quiet.of(tx, asking.book.policy, alert, now),
    )


def _card(wording: Wording, tx: Tx, alert: Alert, now: datetime) -> str | None:
    """None where the facts of an alert from before an update lack what today's card takes."""
    try:
        return wording.alert_card(tx, alert, now)
    except Exception:
        log.exception("alert card failed", extra={"alert": alert.id})
        return None


def _answers(story: Story) -> list[Key]:
    if story.alert.state is State.RESOLVED:
        return []
    number = story.alert.id
    then = f"alert {number}"
    keys = [taking(story.alert, f"{number} {then}")]
    if story.silence is None:
        keys.append(Key("Silence 1h", Verb.SILENCE, f"{number} 1h {then}"))
    elif may_end(story.silence):
        keys.append(Key("End silence", Verb.UNSILENCE, f"{story.silence.id} {then}"))
    return keys
