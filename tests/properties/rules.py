"""What must hold in every world."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta

from bot.core import quiet, todo_reminders
from bot.core.matrix import MATRIX
from bot.core.model import Alert, Severity, State
from bot.core.records import ACTIVE, Post, PostKind, PostState, RunState
from bot.edges.store.tx import SqlTx
from tests.properties.life import Life


def after_each_step(life: Life) -> None:
    nothing_is_done_twice(life)
    life.tables.look(nothing_is_resumed_twice)
    no_notice_comes_twice(life)


def after_each_tick(life: Life) -> None:
    after_each_step(life)
    life.tables.look(lambda tx: clocks_are_kept(tx, life))
    life.tables.look(lambda tx: causes_are_known(tx, life))


def nothing_is_done_twice(life: Life) -> None:
    assert not [key for key, times in life.acted.items() if times > 1]


def nothing_is_resumed_twice(tx: SqlTx) -> None:
    """What broke off goes on in one run at most, and nothing is under way twice."""
    runs = list(tx.runs.in_state(*RunState))
    begun = Counter(run.origin_id for run in runs if run.origin_id and run.started_at)
    assert not [origin for origin, times in begun.items() if times > 1]
    locked = Counter(run.target for run in runs if run.state in ACTIVE)
    assert not [target for target, times in locked.items() if times > 1]


def no_notice_comes_twice(life: Life) -> None:
    """A message may hang twice in a chat only where an answer of Telegram's was lost."""
    copies = Counter(message.post_id for message in life.chat.values())
    doubled = {post: count for post, count in copies.items() if count > 1 + life.excuses[post]}
    assert not doubled


def clocks_are_kept(tx: SqlTx, life: Life) -> None:
    """Nothing that is due waits, and nothing is due later than the matrix says."""
    now = life.clock()
    assert not tx.alerts.clocks_due(now)
    if todo_reminders.hushed(tx, life.book.policy, now) is None:
        assert not tx.todos.due(now)
    for item in tx.todos.open():
        longest = max(now, item.due_at) + timedelta(days=1)
        assert item.remind_at <= longest, "the reminder of a step is too far away"
    for alert in tx.alerts.open():
        if rings(tx, life, alert) and alert.responded_at is None:
            _runs(alert, now)


def _runs(alert: Alert, now: datetime) -> None:
    clock = MATRIX[alert.severity]
    if clock.repeat is not None:
        assert alert.remind_at is not None, "a critical alert goes quiet"
    if alert.remind_at is not None and clock.respond is not None:
        assert alert.remind_at - now <= clock.respond, "the reminder is too far away"
    if clock.escalate is not None and alert.escalated_at is None:
        assert alert.escalate_at is not None, "nobody will hear of it"
        assert alert.escalate_at - now <= clock.escalate, "the escalation is too far away"


def rings(tx: SqlTx, life: Life, alert: Alert) -> bool:
    policy = life.book.policy
    if alert.cause_id is not None or alert.severity.rank < policy.min_severity.rank:
        return False
    return quiet.of(tx, policy, alert, life.clock()) is None


def causes_are_known(tx: SqlTx, life: Life) -> None:
    for alert in tx.alerts.open():
        runbook = life.book.runbook(alert.check)
        cause = life.book.cause(tx, runbook)
        assert cause is None or alert.cause_id is not None, "it rings while its data is incomplete"


def in_the_end(life: Life) -> None:
    """Telegram works again and time goes on: the chats show what is true, and everybody knows."""
    posts = life.tables.posts()
    for post in posts:
        assert post.state in {PostState.SHOWN, PostState.DEAD}, f"still {post.state}"
        assert post.state is PostState.DEAD or post.shown >= post.wanted
    life.tables.look(lambda tx: _everybody_knows(tx, life))
    files_are_under_their_messages(life, posts)


def files_are_under_their_messages(life: Life, posts: Sequence[Post]) -> None:
    """One for each report, and never before it; a report that was lost may come after the next."""
    files = {post.reply_to: post for post in posts if post.kind is PostKind.FILE}
    reports = [post for post in posts if post.kind is PostKind.REPORT]
    assert {post.id for post in reports} == {*files}
    assert len(files) == sum(post.kind is PostKind.FILE for post in posts)
    for report in reports:
        first = min(at for at, one in life.chat.items() if one.post_id == report.id)
        later = [at for at, one in life.chat.items() if one.post_id == files[report.id].id]
        assert first < min(later), "the file came first"


def _everybody_knows(tx: SqlTx, life: Life) -> None:
    for item in tx.todos.open():
        rung = [one for one in tx.posts.of_item(item.id) if one.context.get("reminder")]
        reminders = [one for one in rung if one.context["moves"] == item.moves]
        assert len(reminders) == item.reminders
        newest = reminders[-1] if reminders and item.overdue(life.clock()) else None
        told = newest is None or newest.message_id in life.chat or life.excuses[newest.id]
        assert told, "nobody was reminded of a step"
    for alert in tx.alerts.open():
        cards = [one for one in tx.posts.of_alert(alert.id) if one.kind is PostKind.CARD]
        if not rings(tx, life, alert):
            continue
        shown = [life.chat[card.message_id] for card in cards if card.message_id]
        assert shown, f"nobody was told of {alert}"
        mine = {post.id for post in tx.posts.of_alert(alert.id)}
        rang = [one for one in life.chat.values() if one.post_id in mine and one.loud]
        assert rang, f"{alert} was only whispered"
        texts = [(life.chat[card.message_id].text, card) for card in cards if card.message_id]
        assert all(text == _text(alert, card.shown) for text, card in texts), "out of date"
        if alert.severity is Severity.CRITICAL:
            assert {one.chat_id for one in shown} == {-1001, -1002}


def _text(alert: Alert, version: int) -> str:
    folder = alert.check.removeprefix("check_")
    return f"{folder}/card.html.j2 {alert.id}: {alert.state} {version}"


def unknown_resolves_nothing(before: list[Alert], after: list[Alert]) -> None:
    still = {alert.id for alert in after if alert.state is not State.RESOLVED}
    assert {alert.id for alert in before} <= still
