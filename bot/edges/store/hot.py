"""The statements that every tap, every round and every shown message runs, prepared once."""

from sqlalchemy import (
    ColumnElement,
    Integer,
    Table,
    bindparam,
    delete,
    func,
    insert,
    literal_column,
    or_,
    select,
    update,
)
from sqlalchemy.dialects.sqlite import insert as upsert

from bot.core.model import Severity
from bot.edges.store.prepared import Prepared
from bot.edges.store.schema import (
    alerts,
    audit,
    broken_chats,
    buttons,
    checks,
    digest_members,
    history,
    posts,
    readings,
    runs,
    silences,
    todos,
)


def _all_but_id(table: Table, *more: str) -> list[str]:
    return [column.name for column in table.c if column.name not in {"id", *more}]


ALERT_FIELDS = _all_but_id(alerts)
SILENCE_FIELDS = _all_but_id(silences)
POST_FIELDS = _all_but_id(posts, "key", "rank", "wanted", "joined_at")

_RANKS = " ".join(f"WHEN '{one}' THEN {one.rank}" for one in Severity)
RANK: ColumnElement[int] = literal_column(f"CASE alerts.severity {_RANKS} END", Integer)
# Literals, where the planner must see that a partial index holds all that is asked for.
OPEN = alerts.c.state != literal_column("'resolved'")
WORST_FIRST = (RANK.desc(), alerts.c.opened_at, alerts.c.id)
GIVEN_IDS = select(func.json_each(bindparam("ids")).table_valued("value").c.value)

OPEN_ALERTS = Prepared(select(alerts.c.id, alerts.c.version).where(OPEN).order_by(*WORST_FIRST))
OPEN_OF_CHECK = Prepared(
    select(alerts.c.id, alerts.c.version)
    .where(OPEN, alerts.c.check == bindparam("of"))
    .order_by(*WORST_FIRST)
)
THESE_ALERTS = Prepared(select(alerts).where(alerts.c.id.in_(GIVEN_IDS)))
GET_ALERT = Prepared(select(alerts).where(alerts.c.id == bindparam("wanted_id")))
SAVE_ALERT = Prepared(
    update(alerts)
    .where(alerts.c.id == bindparam("wanted_id"), alerts.c.version == bindparam("was"))
    .values({name: bindparam(name) for name in ALERT_FIELDS})
)
ADD_ALERT = Prepared(
    insert(alerts).values({name: bindparam(name) for name in ALERT_FIELDS}).returning(alerts.c.id)
)
NUMBERS = ("facts", "told_at", "well_since", "version")
RENEW_ALERT = Prepared(
    update(alerts)
    .where(alerts.c.id == bindparam("wanted_id"), alerts.c.version == bindparam("was"))
    .values({name: bindparam(name) for name in NUMBERS})
)
WANT_THEIR_CARDS = Prepared(
    update(posts)
    .where(
        posts.c.alert_id == alerts.c.id,
        posts.c.alert_id.in_(GIVEN_IDS),
        posts.c.kind == literal_column("'card'"),
    )
    .values(wanted=alerts.c.version)
)
WANT_THEIR_STORMS = Prepared(
    update(posts)
    .where(
        posts.c.kind == literal_column("'storm'"),
        posts.c.id.in_(
            select(digest_members.c.post_id).where(digest_members.c.alert_id.in_(GIVEN_IDS))
        ),
    )
    .values(wanted=posts.c.wanted + literal_column("1"))
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
_BEHIND = (posts.c.shown < posts.c.wanted, posts.c.state != literal_column("'dead'"))
# No pause of ours reaches so `far`: it is there because the wall clock was set back.
_ALLOWED = or_(
    posts.c.not_before.is_(None),
    posts.c.not_before <= bindparam("now", type_=posts.c.not_before.type),
    posts.c.not_before > bindparam("far", type_=posts.c.not_before.type),
)
# Told to SQLite, which would rather walk through all messages there ever were.
_BY_DUE = (posts, "INDEXED BY posts_due", "sqlite")
DUE_CHATS = Prepared(
    select(posts.c.chat_id)
    .with_hint(*_BY_DUE)
    .where(*_BEHIND, _ALLOWED)
    .group_by(posts.c.chat_id)
    .order_by(func.max(posts.c.rank).desc())
)
NEXT_IN = Prepared(
    select(posts)
    .with_hint(*_BY_DUE)
    .where(posts.c.chat_id == bindparam("chat"), *_BEHIND, _ALLOWED)
    # A new card before another edit of an old one.
    .order_by(posts.c.rank.desc(), posts.c.message_id.is_(None).desc(), posts.c.id)
)
NEXT_AT = Prepared(
    select(func.min(posts.c.not_before).label("at"))
    .with_hint(*_BY_DUE)
    .where(*_BEHIND, posts.c.not_before > bindparam("after"))
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
POSTS_OF_ALERT = Prepared(
    select(posts).where(posts.c.alert_id == bindparam("alert")).order_by(posts.c.id)
)
DIGESTS_OF_ALERT = Prepared(
    select(posts).where(
        posts.c.id.in_(
            select(digest_members.c.post_id).where(digest_members.c.alert_id == bindparam("alert"))
        )
    )
)
BROKEN_CHATS = Prepared(select(broken_chats.c.chat_id, broken_chats.c.reason))
CHECK_ROUNDS = Prepared(select(checks.c.name, checks.c.round_at).order_by(checks.c.name))
GET_CHECK = Prepared(select(checks).where(checks.c.name == bindparam("wanted_name")))
READINGS = Prepared(
    select(readings.c.reading)
    .where(readings.c.check == bindparam("of"))
    .order_by(readings.c.place)
)
_NEW_READING = upsert(readings).values({c.name: bindparam(c.name) for c in readings.c})
PUT_READING = Prepared(
    _NEW_READING.on_conflict_do_update(
        index_elements=["check", "place"], set_={"reading": _NEW_READING.excluded.reading}
    )
)
CUT_READINGS = Prepared(
    delete(readings).where(
        readings.c.check == bindparam("of"), readings.c.place >= bindparam("first")
    )
)
RUNS_IN_STATE = Prepared(select(runs).where(runs.c.state.in_(GIVEN_IDS)).order_by(runs.c.id))
HAPPENED = Prepared(
    select(
        *(history.c.id, history.c.alert_id, history.c.event, history.c.who),
        *(alerts.c.check, alerts.c.subject, alerts.c.severity),
    )
    .join(alerts, alerts.c.id == history.c.alert_id)
    .where(history.c.id > bindparam("after"))
    .order_by(history.c.id)
    .limit(bindparam("most"))
    .offset(literal_column("0"))
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
TODOS_OF_ALERT = Prepared(
    select(todos).where(todos.c.alert_id == bindparam("alert")).order_by(todos.c.id)
)
TODOS_DUE = Prepared(
    select(todos)
    .where(
        todos.c.state == literal_column("'open'"),
        or_(todos.c.remind_at <= bindparam("now"), todos.c.reminded_at > bindparam("now")),
    )
    .order_by(todos.c.remind_at, todos.c.id)
)
WRITE_AUDIT = Prepared(
    insert(audit).values({name: bindparam(name) for name in _all_but_id(audit)})
)
