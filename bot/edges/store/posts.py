"""Messages of ours: what each shows, and what it should show."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Select, select, update
from sqlalchemy.dialects.sqlite import insert

from bot.core.model import Severity, State
from bot.core.records import Post, PostKind, PostState
from bot.edges.store import delivery, digests, hot
from bot.edges.store.rows import to_post
from bot.edges.store.schema import alerts, moved_chats, posts
from bot.edges.store.touched import MOVED, forget_moves, touch

LONGEST_PAUSE = timedelta(minutes=10)
UNSEEN = (
    posts.c.kind == PostKind.CARD,
    posts.c.state == PostState.WAITING,
    posts.c.message_id.is_(None),
)


@dataclass(frozen=True, slots=True)
class SqlPosts:
    connection: Connection

    def get(self, post_id: int) -> Post | None:
        found = hot.GET_POST.first(self.connection, wanted_id=post_id)
        return to_post(found) if found else None

    def add(self, post: Post, *, key: str | None = None) -> Post | None:
        touch(self.connection)
        post = replace(post, chat_id=self.new_id(post.chat_id))
        values = {**_values(post), "key": key, "rank": self._rank(post)}
        statement = insert(posts).values(values).on_conflict_do_nothing().returning(posts.c.id)
        post_id = self.connection.execute(statement).scalar_one_or_none()
        return None if post_id is None else replace(post, id=post_id)

    def save(self, post: Post) -> None:
        # `wanted` belongs to whoever changes the tables, never to whoever shows them.
        values = {name: getattr(post, name) for name in hot.POST_FIELDS}
        hot.SAVE_POST.run(self.connection, wanted_id=post.id, **values)

    def due_chats(self, now: datetime) -> Sequence[int]:
        rows = hot.DUE_CHATS.tuples(self.connection, now=now, far=now + LONGEST_PAUSE)
        return [row[0] for row in rows]

    def next_in(self, chat_id: int, now: datetime) -> Post | None:
        times = {"now": now, "far": now + LONGEST_PAUSE}
        row = hot.NEXT_IN.first(self.connection, chat=chat_id, **times)
        return to_post(row) if row else None

    def sending(self) -> Sequence[Post]:
        return self._all(select(posts).where(posts.c.state == PostState.SENDING))

    def next_at(self, after: datetime) -> datetime | None:
        [found] = hot.NEXT_AT.rows(self.connection, after=after)
        at: datetime | None = found["at"]
        return at

    def of_alert(self, alert_id: int) -> Sequence[Post]:
        return [to_post(row) for row in hot.POSTS_OF_ALERT.rows(self.connection, alert=alert_id)]

    def of_run(self, run_id: int) -> Sequence[Post]:
        return self._all(select(posts).where(posts.c.run_id == run_id).order_by(posts.c.id))

    def of_item(self, item_id: int) -> Sequence[Post]:
        return self._all(select(posts).where(posts.c.item_id == item_id).order_by(posts.c.id))

    def at(self, chat_id: int, message_id: int) -> Post | None:
        query = select(posts).where(posts.c.chat_id == chat_id, posts.c.message_id == message_id)
        found = self._all(query.limit(1))
        return found[0] if found else None

    def want_run(self, run_id: int) -> None:
        touch(self.connection)
        self.connection.execute(
            update(posts)
            .where(posts.c.run_id == run_id, posts.c.kind == PostKind.RUN)
            .values(wanted=posts.c.wanted + 1)
        )

    def want_item(self, item_id: int) -> None:
        touch(self.connection)
        query = select(posts.c.id).where(posts.c.item_id == item_id).order_by(posts.c.id)
        found = self.connection.execute(query).scalars().all()
        self.connection.execute(
            update(posts)
            .where(posts.c.id.in_([*found[:1], *found[-1:]]))
            .values(wanted=posts.c.wanted + 1)
        )

    def chat_moved(self, old: int, new: int) -> None:
        touch(self.connection)
        forget_moves(self.connection)
        statement = insert(moved_chats).values(old_id=old, new_id=new)
        statement = statement.on_conflict_do_update(
            index_elements=["old_id"], set_={"new_id": new}
        )
        self.connection.execute(statement)
        digests.moved(self.connection, old, new)
        # A moved chat's old messages cannot be edited under their old numbers.
        self.connection.execute(
            update(posts)
            .where(posts.c.chat_id == old)
            .values(chat_id=new, message_id=None, shown=0, not_before=None)
            .where(posts.c.kind.in_([PostKind.CARD, PostKind.RUN]))
        )
        # Steps are shown anew only once they change.
        self.connection.execute(
            update(posts)
            .where(posts.c.chat_id == old, posts.c.kind == PostKind.TODO)
            .values(message_id=None)
        )
        self.connection.execute(update(posts).where(posts.c.chat_id == old).values(chat_id=new))

    def cards_between(self, chat_id: int, since: datetime, until: datetime) -> int:
        return digests.cards_between(self.connection, chat_id, since, until)

    def open_storm(self, chat_id: int, since: datetime, until: datetime) -> Post | None:
        return digests.open_storm(self.connection, chat_id, since, until)

    def join(self, post_id: int, *alert_ids: int) -> None:
        touch(self.connection)
        digests.join(self.connection, post_id, alert_ids)

    def members(self, post_id: int) -> Sequence[int]:
        return digests.members(self.connection, post_id)

    def digests_of(self, alert_id: int) -> Sequence[Post]:
        return digests.digests_of(self.connection, alert_id)

    def absorb(self, post_id: int, cards: Sequence[Post]) -> None:
        touch(self.connection)
        digests.absorb(self.connection, post_id, cards)

    def unseen(self, chat_id: int) -> Sequence[Post]:
        return self._all(select(posts).where(*UNSEEN, posts.c.chat_id == chat_id))

    def over_unseen(self, chat_id: int, before: datetime) -> Sequence[Post]:
        query = select(posts).join(alerts, alerts.c.id == posts.c.alert_id)
        query = query.where(*UNSEEN, posts.c.chat_id == chat_id, posts.c.created_at <= before)
        return self._all(query.where(alerts.c.state == State.RESOLVED).order_by(posts.c.id))

    def unseen_digest(self, chat_id: int) -> Post | None:
        query = select(posts).where(posts.c.chat_id == chat_id, posts.c.kind == PostKind.DIGEST)
        query = query.where(posts.c.state == PostState.WAITING, posts.c.message_id.is_(None))
        found = self._all(query.order_by(posts.c.id.desc()).limit(1))
        return found[0] if found else None

    def replies(self, post_id: int) -> Sequence[Post]:
        return self._all(select(posts).where(posts.c.reply_to == post_id).order_by(posts.c.id))

    def refresh(self) -> int:
        touch(self.connection)
        still = select(alerts.c.id).where(alerts.c.state != State.RESOLVED)
        shown = (posts.c.message_id.is_not(None), posts.c.shown >= posts.c.wanted)
        return self.connection.execute(
            update(posts)
            .where(posts.c.kind == PostKind.CARD, posts.c.alert_id.in_(still), *shown)
            .values(shown=posts.c.wanted - 1)
        ).rowcount

    def undelivered(self, before: datetime) -> Mapping[int, str]:
        return delivery.undelivered(self.connection, before)

    def give_up(self, chat_id: int, reason: str) -> Sequence[int]:
        return delivery.give_up(self.connection, chat_id, reason)

    def leave(self, known: Collection[int], reason: str) -> Sequence[int]:
        return delivery.leave(self.connection, known, reason)

    def come_back(self, known: Collection[int], reason: str) -> None:
        touch(self.connection)
        delivery.come_back(self.connection, known, reason)

    def mark_broken(self, chat_id: int, reason: str, now: datetime) -> bool:
        return digests.mark_broken(self.connection, chat_id, reason, now)

    def mend(self, chat_id: int) -> bool:
        touch(self.connection)
        return digests.mend(self.connection, chat_id)

    def broken(self) -> Mapping[int, str]:
        return digests.broken(self.connection)

    def new_id(self, chat_id: int) -> int:
        return self._moved().get(chat_id, chat_id)

    def _moved(self) -> dict[int, int]:
        """Asked for with every tap and changed once in years: kept beside the connection."""
        kept: dict[int, int] | None = self.connection.info.get(MOVED)
        if kept is None:
            rows = self.connection.execute(select(moved_chats.c.old_id, moved_chats.c.new_id))
            kept = self.connection.info[MOVED] = {row[0]: row[1] for row in rows}
        return kept

    def _rank(self, post: Post) -> int:
        if post.kind is PostKind.TODO:
            return Severity.WARNING.rank  # after alerts that are worse, whichever it belongs to
        if post.kind in {PostKind.STORM, PostKind.DIGEST, PostKind.REPORT, PostKind.FILE}:
            return 0  # a storm is as urgent as the worst that joins it, the others not at all
        if post.alert_id is None:
            return Severity.CRITICAL.rank + 1  # somebody waits for this answer
        query = select(alerts.c.severity).where(alerts.c.id == post.alert_id)
        return Severity(self.connection.execute(query).scalar_one()).rank

    def _all(self, query: Select[Any]) -> Sequence[Post]:
        return [to_post(row) for row in self.connection.execute(query).mappings()]


def _values(post: Post) -> dict[str, Any]:
    values = asdict(post)
    del values["id"]
    return values
