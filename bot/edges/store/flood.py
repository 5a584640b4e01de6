"""The statements of a flood: what senders say hundreds of times a second, and storms."""

from sqlalchemy import bindparam, case, delete, func, literal_column, select, update
from sqlalchemy.dialects.sqlite import insert as upsert

from bot.edges.store.hot import GIVEN_IDS, OPEN, RANK, WORST_FIRST
from bot.edges.store.prepared import Prepared
from bot.edges.store.schema import alerts, digest_members, heard, history, posts

OPENING_EVENTS = ("opened", "reopened", "resolved")  # of a subject that comes and goes

# What senders say: hundreds of requests a second, each about one subject or a few.
_AMONG = (alerts.c.check == bindparam("of"), alerts.c.subject.in_(GIVEN_IDS))
_BY_SUBJECT = (alerts, "INDEXED BY alerts_subject", "sqlite")  # many may have ended lately
OPEN_AMONG = Prepared(select(alerts).where(*_AMONG, OPEN))
RESOLVED_AMONG = Prepared(
    select(alerts)
    .with_hint(*_BY_SUBJECT)
    .where(*_AMONG, alerts.c.state == literal_column("'resolved'"))
    .where(alerts.c.resolved_at >= bindparam("since"))
    .order_by(alerts.c.resolved_at)
)
OPENINGS_AMONG = Prepared(
    select(alerts.c.subject, func.count().label("count"))
    .with_hint(*_BY_SUBJECT)
    .join(history, history.c.alert_id == alerts.c.id)
    .where(*_AMONG, history.c.at >= bindparam("since"))
    .where(history.c.event.in_(literal_column(f"'{one}'") for one in OPENING_EVENTS))
    .group_by(alerts.c.subject)
)
_NEW_PROMISE = upsert(heard).values({c.name: bindparam(c.name) for c in heard.c})
KEEP_PROMISE = Prepared(
    _NEW_PROMISE.on_conflict_do_update(
        index_elements=["check", "subject"],
        set_={name: _NEW_PROMISE.excluded[name] for name in ("heard_at", "until")},
    )
)
DROP_PROMISES = Prepared(
    delete(heard).where(heard.c.check == bindparam("of"), heard.c.subject.in_(GIVEN_IDS))
)
ADD_MEMBER = Prepared(
    upsert(digest_members)
    .values(post_id=bindparam("post"), alert_id=bindparam("alert"))
    .on_conflict_do_nothing()
)
_WORST, _LATEST = (
    select(func.max(of)).where(alerts.c.id.in_(GIVEN_IDS)).scalar_subquery()
    for of in (RANK, alerts.c.opened_at)
)
# Only those that join are looked at: a storm may have thousands already.
GROW = Prepared(
    update(posts)
    .where(posts.c.id == bindparam("post"))
    .values(
        wanted=posts.c.wanted + literal_column("1"),
        rank=case(
            (posts.c.kind == literal_column("'storm'"), func.max(posts.c.rank, _WORST)),
            else_=posts.c.rank,
        ),
        joined_at=func.max(func.coalesce(posts.c.joined_at, _LATEST), _LATEST),
    )
)
OPEN_STORM = Prepared(
    select(posts)
    .where(
        posts.c.chat_id == bindparam("chat"),
        posts.c.kind == literal_column("'storm'"),
        posts.c.state != literal_column("'dead'"),
        posts.c.joined_at >= bindparam("since"),
        posts.c.joined_at <= bindparam("until"),  # else by a clock that was ahead
    )
    .order_by(posts.c.id.desc())
)
CARDS_BETWEEN = Prepared(
    select(func.count())
    .select_from(posts)
    .where(
        posts.c.chat_id == bindparam("chat"),
        posts.c.kind == literal_column("'card'"),
        posts.c.created_at >= bindparam("since"),
        posts.c.created_at <= bindparam("until"),  # likewise
    )
)
_OF_POST = select(digest_members.c.alert_id).where(digest_members.c.post_id == bindparam("post"))
GROUPS_OF_POST = Prepared(
    select(
        alerts.c.check,
        alerts.c.severity,
        alerts.c.state,
        func.count().label("count"),
        func.min(alerts.c.opened_at).label("first"),
        func.max(alerts.c.opened_at).label("last"),
    )
    .where(alerts.c.id.in_(_OF_POST))
    .group_by(alerts.c.check, alerts.c.severity, alerts.c.state)
)
_WORST_OF_POST = (
    select(alerts)
    .where(alerts.c.id.in_(_OF_POST))
    .order_by(*WORST_FIRST)
    .limit(bindparam("most"))
    .offset(literal_column("0"))  # else SQLAlchemy adds a value of its own
)
WORST_OF_POST = Prepared(_WORST_OF_POST)
WORST_FIRING_OF_POST = Prepared(_WORST_OF_POST.where(OPEN))
