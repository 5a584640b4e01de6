"""The rules of the house: who is told, and what may run by itself. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from bot.core import rota
from bot.core.contacts import Contact
from bot.core.matrix import MATRIX, Clock
from bot.core.missed import Missed
from bot.core.model import Alert, Severity
from bot.core.records import Run, RunState
from bot.core.retention import Keep
from bot.core.rota import Duty, Hours, Shift
from bot.core.runbook import Guard, Remediation


class Chat(Protocol):
    """A chat, or one topic of a forum."""

    @property
    def chat(self) -> int: ...
    @property
    def topic(self) -> int | None: ...


class Span(Protocol):
    """A daily span of local time."""

    def holds(self, moment: time, /) -> bool: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """What the settings say about alerts and remediations."""

    admin_chat: Chat
    alert_chats: Sequence[Chat]
    zone: ZoneInfo
    min_severity: Severity = Severity.WARNING
    dedup_window: timedelta = timedelta(minutes=5)
    unknown_rounds: int = 3
    automatic: bool = True
    automatic_per_hour: int = 3
    maintenance: Span
    matrix: Mapping[Severity, Clock] = field(default_factory=lambda: MATRIX)
    flap_changes: int = 6  # so many openings and resolutions within `flap_window` are flapping
    flap_window: timedelta = timedelta(minutes=30)
    flap_calm: timedelta = timedelta(minutes=10)  # so long it must be well to be over then
    storm_per_minute: int = 10  # more new alerts of one chat share one message
    morning: time = time(9)  # silences "until morning" end then
    rota: Sequence[Shift] = ()
    quiet_hours: Sequence[Hours] = ()  # nothing rings
    contacts: Sequence[Contact] = ()
    supports: Mapping[str, str] = field(default_factory=dict)  # mail addresses by marketplace
    missed_jobs: Sequence[Missed] = ()  # what is started where the scheduler did not
    missed_retries: int = 3  # how often again where that failed
    retention: Sequence[Keep] = ()  # for how long the shop's rows are wanted

    def chats(self, alert: Alert, *, escalated: bool = False) -> list[Chat]:
        """Where the card of this alert belongs; each chat once."""
        if alert.severity.rank < self.min_severity.rank:
            return []
        urgent = escalated or alert.severity is Severity.CRITICAL
        wanted = [*self.alert_chats, *([self.admin_chat] if urgent else [])]
        return list({place.chat: place for place in reversed(wanted)}.values())[::-1]

    def seen_by_others(self, chat_id: int) -> Chat | None:
        """Where a question asked in this private chat is put to somebody else as well."""
        places = [self.admin_chat, *self.alert_chats]
        return next((place for place in places if place.chat != chat_id), None)

    def duty(self, now: datetime) -> Duty:
        """Who is on duty, and until when."""
        return rota.duty(self.rota, now, self.zone)


CONFIRM_WITHIN = timedelta(seconds=60)
SECOND_PERSON_WITHIN = timedelta(minutes=10)


def confirm_within(action: Remediation) -> timedelta:
    """How long a question waits for its yes: another person has to be found first."""
    return SECOND_PERSON_WITHIN if action.guard is Guard.TWO_PEOPLE else CONFIRM_WITHIN


def may_run_by_itself(
    action: Remediation, earlier: Iterable[Run], *, now: datetime, policy: Policy
) -> bool:
    """Whether the policy lets this remediation start without anybody's tap.

    `earlier` are its automatic runs of the last hour or longer: at most so many an hour, a
    pause after each, and disruptive ones only inside the maintenance window. Those that seem to
    come were made by a clock that was ahead.
    """
    if not policy.automatic:
        return False
    if action.disruptive and not policy.maintenance.holds(now.astimezone(policy.zone).time()):
        return False
    made = [run.asked_at for run in earlier if run.state is not RunState.REFUSED]
    times = sorted(moment for moment in made if moment <= now)
    if times and now - times[-1] < action.automatic_pause:
        return False
    last_hour = [moment for moment in times if now - moment < timedelta(hours=1)]
    return len(last_hour) < policy.automatic_per_hour
