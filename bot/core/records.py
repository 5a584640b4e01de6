"""What the assistant's own tables hold besides alerts: runs, posts, buttons, rounds."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from bot.core.model import Facts, Phrase, Reading, Severity, Source, State, Status


class RunState(StrEnum):
    """The life of one remediation: asked for, confirmed, carried out, judged."""

    ASKED = "asked"  # the pre-flight has still to say whether it can run
    PROPOSED = "proposed"  # waits for the yes that its guard wants
    REQUESTED = "requested"  # decided; nothing was done yet
    RUNNING = "running"
    HANDED_OVER = "handed_over"  # it ends the assistant, whose next start sees whether it worked
    VERIFYING = "verifying"  # done; the check is looking whether it helped
    SUCCEEDED = "succeeded"
    NOT_VERIFIED = "not_verified"  # done, and it did not help
    FAILED = "failed"
    REFUSED = "refused"  # the pre-flight said no; nothing was done
    CANCELLED = "cancelled"  # before it began, or stopped in the middle where it could be
    EXPIRED = "expired"
    INTERRUPTED = "interrupted"  # the assistant stopped in the middle; never run again by itself


ACTIVE = (
    RunState.ASKED,
    RunState.PROPOSED,
    RunState.REQUESTED,
    RunState.RUNNING,
    RunState.HANDED_OVER,
    RunState.VERIFYING,
)
ENDS = tuple(state for state in RunState if state not in ACTIVE)
UNDER_WAY = (RunState.RUNNING, RunState.HANDED_OVER, RunState.VERIFYING)


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One remediation, from the wish to the verdict.

    `key` is unique for ever: one decision, one run. `asked_by` is a user id, or None where the
    policy decided. `before` and `after` are the numbers shown to people, `progress` what it last
    said of itself, `found` what was seen after a crash. `origin_id` is the run that this one
    undoes or goes on with.
    """

    id: int
    key: str
    action: str
    target: str
    state: RunState
    args: Facts = field(default_factory=dict)
    asked_at: datetime
    asked_name: str
    asked_by: int | None = None
    alert_id: int | None = None
    chat_id: int | None = None
    topic_id: int | None = None
    reply_to: int | None = None  # the post the button was tapped on
    expires_at: datetime | None = None
    confirmed_by: int | None = None
    confirmed_name: str | None = None
    confirmed_at: datetime | None = None
    started_at: datetime | None = None
    finished_at: datetime | None = None
    before: Facts = field(default_factory=dict)
    progress: Facts = field(default_factory=dict)
    after: Facts = field(default_factory=dict)
    found: Facts | None = None
    why: Phrase | None = None
    stop_by: str | None = None  # who wants it to stop
    origin_id: int | None = None
    undo_until: datetime | None = None

    @property
    def named(self) -> dict[str, object]:
        """How a line of the log names it."""
        return {"run": self.id, "action": self.action, "alert": self.alert_id}

    @property
    def automatic(self) -> bool:
        return self.asked_by is None

    @property
    def decided_by(self) -> str:
        """The name of whoever gave the last word."""
        return self.confirmed_name or self.asked_name


class PostKind(StrEnum):
    CARD = "card"  # one alert in one chat, edited in place
    RUN = "run"  # one remediation's question, progress and result, edited in place
    NOTICE = "notice"  # rings once, never edited
    ANSWER = "answer"  # sent by a handler; kept because its buttons are bound to it
    STORM = "storm"  # many new alerts of one chat in one message, edited as it grows
    DIGEST = "digest"  # what came and went while Telegram was away
    REPORT = "report"  # a page that was due by the calendar, never edited
    FILE = "file"  # a picture or a table under a message, never edited
    TODO = "todo"  # one step of the checklist or a reminder of it, edited as the step changes


class PostState(StrEnum):
    WAITING = "waiting"
    SENDING = "sending"
    SHOWN = "shown"
    UNCERTAIN = "uncertain"  # the request left, its answer was lost
    DEAD = "dead"  # can never be delivered; `error` says why


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """A message of ours in one chat, and how far behind the tables it is.

    `wanted` grows with what should be shown, `shown` follows once Telegram has answered.
    """

    id: int
    kind: PostKind
    chat_id: int
    state: PostState = PostState.WAITING
    topic_id: int | None = None
    alert_id: int | None = None
    run_id: int | None = None
    item_id: int | None = None
    reply_to: int | None = None
    message_id: int | None = None
    wanted: int = 1
    shown: int = 0
    attempts: int = 0
    repeats: int = 0  # sends made again because the answer to the first was lost
    plain: bool = False  # its markup was refused once: send it as text
    silent: bool = False
    template: str | None = None
    context: Facts = field(default_factory=dict)
    not_before: datetime | None = None
    created_at: datetime
    error: str | None = None

    @property
    def named(self) -> dict[str, object]:
        """How a line of the log names it."""
        return {"post": self.id, "alert": self.alert_id}


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Alerts of one message that are alike: of one check, one severity and one state."""

    check: str
    severity: Severity
    state: State
    count: int
    first: datetime  # when they opened
    last: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Button:
    """What one inline button does. Telegram carries only `token`; the rest stays with us."""

    token: str
    post_id: int
    verb: str
    arg: str
    only_user: int | None
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckState:
    """What the last round of a check saw, and for how long it has been so.

    `unknown_rounds` is how many rounds in a row could not see all there is to see, whatever else
    they saw; `why` is what kept the last of them from it. Idleness is neither.
    """

    name: str
    status: Status
    since: datetime
    round_at: datetime
    ok_at: datetime | None = None
    unknown_rounds: int = 0
    idle: bool = False
    source: Source = Source.CHECK
    why: Phrase | None = None
    readings: tuple[Reading, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryEntry:
    """One change of an alert: when, who, what."""

    alert_id: int
    at: datetime
    who: str
    event: str
    values: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Life:
    """An alert from its opening to its end, without what it is about."""

    id: int
    check: str
    severity: Severity
    opened_at: datetime
    resolved_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Silence:
    """No notices for a while, never for ever: of a check, a subject, or everything.

    It covers alerts up to `severity`: one that gets worse than that rings all the same.
    `swallowed` counts the notices that were not sent because of it. A maintenance is a silence
    of everything.
    """

    id: int
    check: str | None
    subject: str | None
    severity: Severity
    by_name: str
    why: str
    created_at: datetime
    until: datetime
    by_id: int | None = None
    maintenance: bool = False
    ended_at: datetime | None = None
    ended_by: str | None = None
    swallowed: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """Somebody asked a question by a button of a runbook's page."""

    at: datetime
    who: str
    question: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise:
    """A sender said that an alert fires, and will say so again before `until`.

    `until` None: it will not be missed any more, because it has been missed already.
    """

    check: str
    subject: str
    heard_at: datetime
    until: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Beat:
    """What a job last said. `since` is from when on it is expected."""

    job: str
    since: datetime
    ok_at: datetime | None = None
    failed_at: datetime | None = None
    started_at: datetime | None = None  # of a run that has not ended yet
    took_seconds: float | None = None  # of the last run that told both its ends
