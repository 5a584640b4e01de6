"""People's answers to one alert. Functions of one transaction; each is a row of history."""

from dataclasses import replace

from bot.core import matrix, senders, sight
from bot.core.model import Alert, State, Status, phrase
from bot.core.ports import Tx
from bot.core.press import Hand, Said, refuse

LONGEST_NOTE = 500  # characters


def acknowledge(hand: Hand, alert: Alert) -> Said:
    """Take it: the others see it at once, reminders stop."""
    if alert.state is State.RESOLVED:
        return refuse("alert_over")
    if alert.state is State.ACKNOWLEDGED:
        if alert.acknowledged_id == hand.who.id:
            return refuse("already_yours")
        return refuse("already_taken", by=alert.acknowledged_by)
    taken = replace(
        alert,
        state=State.ACKNOWLEDGED,
        acknowledged_by=hand.who.name,
        acknowledged_id=hand.who.id,
        acknowledged_at=hand.now,
    )
    hand.tx.alerts.save(matrix.responded(taken, hand.now))
    hand.note(alert, "acknowledged")
    return Said(phrase("taken"))


def give_back(hand: Hand, alert: Alert) -> Said:
    """Nobody has it any more, and its clocks start anew."""
    if alert.state is State.RESOLVED:
        return refuse("alert_over")
    if alert.state is not State.ACKNOWLEDGED:
        return refuse("nobody_has_it")
    free = replace(
        alert,
        state=State.FIRING,
        acknowledged_by=None,
        acknowledged_id=None,
        acknowledged_at=None,
    )
    started = matrix.started(free, hand.now, hand.book.policy.matrix)
    hand.tx.alerts.save(matrix.stopped(started) if alert.cause_id is not None else started)
    hand.note(alert, "given_back", taken_by=alert.acknowledged_by or "")
    return Said(phrase("given_back"))


def resolve(hand: Hand, alert: Alert) -> Said:
    """Close it by hand, unless its check still sees it: then it would open again at once."""
    if alert.state is State.RESOLVED:
        return refuse("alert_over")
    if _still_seen(hand, alert):
        return refuse("still_firing", alert=alert.id)
    proof = {"closed_by": hand.who.name}
    hand.book.resolve(hand.tx, alert, hand.now, proof=proof, who=hand.who.name)
    return Said(phrase("closed"))


def note(hand: Hand, alert: Alert, text: str, key: str) -> Said:
    """Keep a remark; `key` names the message it came in, which may come again."""
    entries = hand.tx.alerts.history(alert.id)
    if any(one.event == "note" and one.values.get("key") == key for one in entries):
        return Said(phrase("noted"))
    hand.note(alert, "note", text=" ".join(text.split())[:LONGEST_NOTE], key=key)
    return Said(phrase("noted"))


def cause(hand: Hand, arg: str) -> Said:
    """Keep why it is so, by whom; the last word counts, and all of them are in the story."""
    number, _, name = arg.partition(" ")
    alert = hand.tx.alerts.get(int(number))
    if alert is None:
        return refuse("alert_over")
    told = [one for one in hand.tx.alerts.history(alert.id) if one.event == "cause"]
    if not told or told[-1].values.get("cause") != name:
        hand.note(alert, "cause", cause=name)
    return Said(phrase("noted"))


def alert_of_message(tx: Tx, chat_id: int, message_id: int) -> Alert | Said | None:
    """The alert that a message of ours is about; None: it is about none."""
    post = tx.posts.at(tx.posts.new_id(chat_id), message_id)
    if post is None:
        return None
    run = tx.runs.get(post.run_id) if post.run_id is not None else None
    alert_id = run.alert_id if run else post.alert_id
    if alert_id is not None:
        return tx.alerts.get(alert_id)
    return refuse("note_of_many") if tx.posts.members(post.id) else None


def _still_seen(hand: Hand, alert: Alert) -> bool:
    """Whether the last round that could look saw it firing."""
    if alert.check in hand.book.others:
        return senders.still_tells(hand.tx, hand.book, alert)
    if alert.check == sight.NAME:
        known = [one for one in hand.tx.checks.all() if one.name in hand.book.watched]
        readings = sight.judge(known, rounds=hand.book.policy.unknown_rounds)
    else:
        state = hand.tx.checks.get(alert.check)
        gone = alert.check not in hand.book.watched
        if gone or state is None or state.status is Status.UNKNOWN:
            return False
        readings = list(state.readings)
    return any(one.subject == alert.subject and one.status is Status.FIRING for one in readings)
