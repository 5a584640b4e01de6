"""The statements that every tap and every shown message runs, prepared once."""

from sqlalchemy import Table, bindparam, func, insert, literal_column, select, update
from sqlalchemy.dialects.sqlite import insert as upsert

from bot.edges.store.prepared import Prepared
from bot.edges.store.schema import (
    alerts,
    audit,
    buttons,
    digest_members,
    history,
    posts,
    runs,
    silences,
)


def _all_but_id(table: Table, *more: str) -> list[str]:
    return [column.name for column in table.c if column.name not in {"id", *more}]


ALERT_FIELDS = _all_but_id(alerts)
SILENCE_FIELDS = _all_but_id(silences)
POST_FIELDS = _all_but_id(posts, "key", "rank", "wanted")

GET_ALERT = Prepared(select(alerts).where(alerts.c.id == bindparam("wanted_id")))
SAVE_ALERT = Prepared(
    update(alerts)
    .where(alerts.c.id == bindparam("wanted_id"), alerts.c.version == bindparam("was"))
    .values({name: bindparam(name) for name in ALERT_FIELDS})
)
WANT_CARDS = Prepared(
    update(posts)
    .where(posts.c.alert_id == bindparam("alert"), posts.c.kind == literal_column("'card'"))
    .values(wanted=bindparam("version"), rank=bindparam("severity"))
)
WANT_STORMS = Prepared(
    update(posts)
    .where(
        posts.c.kind == literal_column("'storm'"),
        posts.c.id.in_(
            select(digest_members.c.post_id).where(digest_members.c.alert_id == bindparam("alert"))
        ),
    )
    .values(
        wanted=posts.c.wanted + literal_column("1"),
        rank=func.max(posts.c.rank, bindparam("severity")),
    )
)
WRITE_HISTORY = Prepared(
    insert(history).values({name: bindparam(name) for name in _all_but_id(history)})
)
GET_BUTTON = Prepared(select(buttons).where(buttons.c.token == bindparam("wanted_token")))
_NEW_BUTTON = upsert(buttons).values({c.name: bindparam(c.name) for c in buttons.c})
ISSUE_BUTTON = Prepared(
    _NEW_BUTTON.on_conflict_do_update(
        index_elements=["post_id", "verb", "arg"],
        set_={
            "expires_at": _NEW_BUTTON.excluded.expires_at,
            "only_user": _NEW_BUTTON.excluded.only_user,
        },
    ).returning(buttons.c.token)
)
GET_POST = Prepared(select(posts).where(posts.c.id == bindparam("wanted_id")))
SAVE_POST = Prepared(
    update(posts)
    .where(posts.c.id == bindparam("wanted_id"))
    .values({name: bindparam(name) for name in POST_FIELDS})
)
RUNS_OF_ALERT = Prepared(
    select(runs).where(runs.c.alert_id == bindparam("alert")).order_by(runs.c.id)
)
ADD_SILENCE = Prepared(
    insert(silences)
    .values({name: bindparam(name) for name in SILENCE_FIELDS})
    .returning(silences.c.id)
)
ACTIVE_SILENCES = Prepared(
    select(silences)
    .where(silences.c.until > bindparam("now"), silences.c.ended_at.is_(None))
    .order_by(silences.c.until)
)
WRITE_AUDIT = Prepared(
    insert(audit).values({name: bindparam(name) for name in _all_but_id(audit)})
)
