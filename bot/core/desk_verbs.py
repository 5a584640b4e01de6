"""What each button does, once the guard let its press through. Functions of one transaction."""

from collections.abc import Callable, Mapping
from dataclasses import replace

from bot.core import (
    desk_alerts,
    desk_follow,
    desk_manual,
    desk_runs,
    desk_schedule,
    desk_silences,
    desk_todo,
    desk_wishes,
)
from bot.core.model import Alert, State, phrase
from bot.core.press import Answer, Asks, Hand, Press, Said, asks, refuse
from bot.core.records import Button, Post, PostKind
from bot.core.steps import Section
from bot.core.verbs import Verb
from bot.core.wish import Right


def act(  # noqa: C901, PLR0911, PLR0912  # one line a verb
    hand: Hand, right: Right, press: Press, button: Button | None
) -> Answer:
    """Do what the button says, as it is meant by the message that it belongs to."""
    assert button is not None  # noqa: S101  # the guard let it through
    verb, post = Verb(button.verb), hand.tx.posts.get(button.post_id)
    assert post is not None  # noqa: S101  # likewise
    alert = hand.tx.alerts.get(post.alert_id) if post.alert_id is not None else None
    match verb:
        case Verb.CONFIRM | Verb.CANCEL | Verb.STOP:
            return RUN_VERBS[verb](hand, right, int(button.arg))
        case Verb.UNDO:
            return desk_follow.undo(hand, right, press, post, int(button.arg))
        case Verb.RESUME:
            return desk_follow.resume(hand, right, press, post, int(button.arg))
        case Verb.CLOSE:
            return Said(phrase("nothing_changed"), closes=post)
        case Verb.CAUSE:
            return desk_alerts.cause(hand, button.arg)
        case Verb.LEAVE:
            return Said(phrase("leaving"), leaves=post)
        case Verb.COMPLAIN:
            made = desk_manual.complain(hand, "", press.id)
            return Said(phrase("complaint_kept", alert=made.id))
        case Verb.ASK:
            return asks(button.arg, alert, post)
        case Verb.CHECK:
            return Said(phrase("checks_wanted"), checks=post)
        case Verb.NOW:
            return desk_schedule.now(hand, button.arg)
        case Verb.DO:
            said = desk_wishes.tapped(hand, right, press, post, button.arg)
            return replace(said, then=_page_again(post, button.arg))
        case _ if verb in desk_todo.VERBS:
            return desk_todo.tapped(hand, verb, press, post, button.arg)
        case _:
            return _answer(hand, verb, post, button.arg)


def _answer(hand: Hand, verb: Verb, post: Post, arg: str) -> Said:
    """Answer an alert: a card's own, or the one that an answer's button names."""
    words = arg.split()
    if post.kind is PostKind.ANSWER or verb is Verb.UNSILENCE:
        number, words = int(words[0]), words[1:]
    else:
        number = post.alert_id or 0
    if verb is Verb.UNSILENCE:
        said = desk_silences.end(hand, number)
    elif verb is Verb.SILENCE:
        said = _silence(hand, hand.tx.alerts.get(number), words)
        words = words[1:]
    else:
        alert = hand.tx.alerts.get(number)
        said = ALERT_VERBS[verb](hand, alert) if alert else refuse("alert_over")
    then = asks(" ".join(words), None, post) if words else None
    return replace(said, then=then)


def _page_again(post: Post, arg: str) -> Asks | None:
    """The steps of a runbook with what was just begun, where it was begun on that page."""
    alert, slash, runbook = arg.partition(" ")[0].removeprefix("#").partition("/")
    return asks(f"runbook {runbook} {Section.STEPS} {alert}", None, post) if slash else None


def _silence(hand: Hand, alert: Alert | None, words: list[str]) -> Said:
    if alert is None or alert.state is State.RESOLVED:
        return refuse("alert_over")
    length = words[0] if words else desk_silences.USUAL
    until = desk_silences.end_of(length, hand.book.policy, hand.now)
    assert until is not None  # noqa: S101  # only our own buttons come here
    made = desk_silences.begin(hand, desk_silences.of_alert(alert), until)
    return made if isinstance(made, Said) else desk_silences.silenced(made)


ALERT_VERBS: Mapping[Verb, Callable[[Hand, Alert], Said]] = {
    Verb.ACKNOWLEDGE: desk_alerts.acknowledge,
    Verb.GIVE_BACK: desk_alerts.give_back,
}
RUN_VERBS: Mapping[Verb, Callable[[Hand, Right, int], Said]] = {
    Verb.CONFIRM: desk_runs.confirm,
    Verb.CANCEL: desk_runs.cancel,
    Verb.STOP: desk_runs.stop,
}
