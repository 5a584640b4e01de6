"""Inline keyboards made of keys, each with a token of its own."""

from datetime import datetime, timedelta

from aiogram.filters.callback_data import CallbackData
from aiogram.types import CopyTextButton, InlineKeyboardButton, InlineKeyboardMarkup

from bot.core.keyboard import Keys, fitted
from bot.core.ports import Tx
from bot.core.verbs import Verb

LIFE = timedelta(days=2)  # an older button gets a fresh card instead of an action

MOST_COPIED = 256  # characters
ONE_PERSON = {Verb.CONFIRM, Verb.CANCEL, Verb.LEAVE}  # whose keys may be one person's alone


class Tap(CallbackData, prefix="a1"):
    """All that Telegram carries: which button. What it means stays in our tables."""

    token: str


def markup(  # a keyboard is bound to all of these
    tx: Tx, post_id: int, keys: Keys, now: datetime, *, only_user: int | None = None
) -> InlineKeyboardMarkup | None:
    """Issue the tokens and build the keyboard; None where there are no buttons."""
    if not keys:
        return None
    rows = []
    for row in fitted(keys):
        buttons = []
        for key in row:
            if key.verb is Verb.COPY:
                copied = CopyTextButton(text=key.arg[:MOST_COPIED])
                buttons.append(InlineKeyboardButton(text=key.label, copy_text=copied))
                continue
            only = only_user if key.verb in ONE_PERSON else None
            token = tx.buttons.issue(post_id, key.verb, key.arg, expires_at=now + LIFE, only=only)
            data = Tap(token=token).pack()
            style = key.colour or None
            buttons.append(InlineKeyboardButton(text=key.label, callback_data=data, style=style))
        rows.append(buttons)
    return InlineKeyboardMarkup(inline_keyboard=rows)
