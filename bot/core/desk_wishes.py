"""From what was tapped or typed to the wish that it is. Functions of one transaction."""

from bot.core import desk_runs
from bot.core.model import Phrase, State
from bot.core.params import WrongArguments, parse
from bot.core.press import Hand, Press, Said, refuse
from bot.core.question import Command, Order
from bot.core.records import Post, PostKind
from bot.core.wish import Right, Wish


def tapped(hand: Hand, right: Right, press: Press, post: Post, arg: str) -> Said:
    """Begin the action that a button names, on a card for its alert.

    On an answer the argument may begin with the alert that it is for, and with the runbook whose
    page is shown anew: `#12/5 remediate_collect`.
    """
    number, words = post.alert_id, arg.split()
    if words[0].startswith("#"):
        number, words = int(words[0][1:].partition("/")[0]), words[1:]
    alert = hand.tx.alerts.get(number) if number is not None else None
    meant = post.kind is PostKind.CARD or number is not None
    if meant and (alert is None or alert.state is State.RESOLVED):
        return refuse("alert_over")
    name, *words = words
    action = hand.book.remediations.get(name)
    if action is None:
        return refuse("button_unknown")
    try:
        args = parse(action, words)
    except WrongArguments as wrong:
        return Said(wrong.why, loud=True)
    wish = Wish(
        action=name,
        key=f"tap:{press.id}",
        args=args,
        alert=alert,
        chat_id=post.chat_id,
        topic_id=post.topic_id,
        reply_to=post.id,
    )
    made = desk_runs.propose(hand, right, wish)
    return made if isinstance(made, Said) else desk_runs.begun(hand, made)


def typed(hand: Hand, right: Right, command: Command, order: Order) -> Phrase | None:
    """Propose what a command names; None: the run's own message asks what there is to ask."""
    assert command.proposes is not None  # noqa: S101  # only such commands come here
    action, args = command.proposes(order.args)
    wish = Wish(
        action=action,
        key=f"typed:{order.key}",
        args=args,
        chat_id=order.chat_id,
        topic_id=order.topic_id,
        typed=True,
    )
    outcome = desk_runs.propose(hand, right, wish)
    return outcome.text if isinstance(outcome, Said) else None
