"""What may follow a run that is over: taking it back, or going on with it. Each once at most."""

from bot.core import desk_runs
from bot.core.follow import DONE, can_resume
from bot.core.job import kept
from bot.core.model import Phrase, phrase
from bot.core.press import Hand, Press, Said, refuse
from bot.core.records import Post, Run
from bot.core.wish import Right, Wish


def undo(hand: Hand, right: Right, press: Press, post: Post, run_id: int) -> Said:
    """Begin the action that takes a run back."""
    run = hand.tx.runs.get(run_id)
    action = hand.book.remediations.get(run.action) if run else None
    if run is None or action is None or action.undo is None or run.state not in DONE:
        return refuse("nothing_to_undo")
    if run.undo_until is None or hand.now > run.undo_until:
        return refuse("undo_too_late", minutes=action.undo_within.total_seconds() / 60)
    return _follow(hand, right, press, post, run, action.undo, undoes=True)


def resume(hand: Hand, right: Right, press: Press, post: Post, run_id: int) -> Said:
    """Begin a new run that goes on where an old one broke off, with the same arguments."""
    run = hand.tx.runs.get(run_id)
    action = hand.book.remediations.get(run.action) if run else None
    if run is None or action is None or not can_resume(run, action):
        return refuse("nothing_to_resume")
    return _follow(hand, right, press, post, run, action.name, undoes=False)


def _follow(  # noqa: PLR0913, PLR0917  # which run, by whom, from where, and how
    hand: Hand, right: Right, press: Press, post: Post, run: Run, action: str, *, undoes: bool
) -> Said:
    if (earlier := hand.tx.runs.following(run.id)) is not None:
        return Said(_told(earlier, undoes=undoes), loud=True)
    wish = Wish(
        action=action,
        key=f"tap:{press.id}",
        args={"run": run.id} if undoes else kept(run.args),
        origin=run,
        chat_id=post.chat_id,
        topic_id=post.topic_id,
        reply_to=post.id,
    )
    made = desk_runs.propose(hand, right, wish)
    return made if isinstance(made, Said) else desk_runs.begun(hand, made)


def _told(earlier: Run, *, undoes: bool) -> Phrase:
    key = "undone_already" if undoes else "resumed_already"
    return phrase(key, by=earlier.asked_name, run=earlier.id)
