"""Whether a tap may act at all: the person, the chat, the message, the age of the button."""

from dataclasses import replace
from datetime import datetime

from bot.core.access import Access
from bot.core.model import Role
from bot.core.ports import Tx
from bot.core.press import Hand, Press, Said, refuse
from bot.core.records import Button, Post, PostKind
from bot.core.verbs import Verb

OF_RUNS = {Verb.CONFIRM, Verb.CANCEL, Verb.STOP, Verb.UNDO, Verb.RESUME}


def refusal(  # noqa: PLR0911  # one line a reason to refuse
    hand: Hand, access: Access, press: Press, button: Button | None
) -> Said | None:
    """Whether this person may press this button here and now; None: yes."""
    tx, now = hand.tx, hand.now
    role = access.role(press.who.id)
    if role is None:
        return refuse("stranger", user_id=press.who.id)
    if not knows_chat(tx, access, press.chat_id, press.who.id):
        return refuse("unknown_chat", chat_id=press.chat_id)
    if button is None:
        return refuse("button_unknown")
    post = tx.posts.get(button.post_id)
    if post is None or not _same_message(tx, post, press):
        if post is not None and _retire_copy(tx, post, press, now):
            return refuse("button_of_copy")
        return refuse("button_elsewhere")
    if now > button.expires_at:
        _refresh(tx, post)
        return refuse("button_expired")
    if button.only_user not in {None, press.who.id}:
        leaving = button.verb == Verb.LEAVE
        return refuse("leave_other_person" if leaving else "confirm_other_person")
    if role.rank < Verb(button.verb).role.rank:
        return refuse("role_too_low", role=role, needed=_needed(hand, button))
    return None


def _needed(hand: Hand, button: Button) -> Role:
    """The verb's role, or that of the action behind it where this is more."""
    verb = Verb(button.verb)
    name = None
    if verb is Verb.DO:
        name = next(word for word in button.arg.split() if not word.startswith("#"))
    elif verb in OF_RUNS and (run := hand.tx.runs.get(int(button.arg))):
        name = run.action
    known = hand.book.remediations
    action = known.get(name or "")
    if verb is Verb.UNDO and action is not None:
        action = known.get(action.undo or "")
    return max(verb.role, action.role, key=lambda one: one.rank) if action else verb.role


def _refresh(tx: Tx, post: Post) -> None:
    """Give a card, or the newest message of a step, fresh buttons."""
    if post.item_id is not None:
        tx.posts.want_item(post.item_id)
    elif post.alert_id is not None:
        tx.alerts.touch(post.alert_id)


def knows_chat(tx: Tx, access: Access, chat_id: int, user_id: int) -> bool:
    """Count a group that has become a supergroup since the settings were written."""
    if access.knows_chat(chat_id, user_id):
        return True
    return any(tx.posts.new_id(known) == chat_id for known in access.chats)


def _same_message(tx: Tx, post: Post, press: Press) -> bool:
    if post.chat_id != tx.posts.new_id(press.chat_id):
        return False
    if post.message_id is None:
        # Telegram's answer to our send was lost; this tap tells the message's number.
        tx.posts.save(replace(post, message_id=press.message_id))
        return True
    return post.message_id == press.message_id


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
