"""Many alerts in one message: who is named, and what is only counted. Pure."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.core.keyboard import Key, Keys
from bot.core.model import Alert, Severity, State
from bot.core.verbs import Verb

NAMED_IN_STORM, NAMED_IN_DIGEST = 5, 10
BUTTONS = 5


@dataclass(frozen=True, slots=True)
class Count:
    """So many alerts of one check and one severity."""

    check: str
    severity: Severity
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """What a message about many alerts says.

    `named` are told with a line of their own, the worst first; `counts` are the other ones that
    still fire (of a digest: all other ones).
    """

    total: int
    over: int
    taken: int
    named: Sequence[Alert]
    counts: Sequence[Count]
    began: datetime
    lasted: timedelta

    @property
    def firing(self) -> int:
        return self.total - self.over

    @property
    def nobody(self) -> int:
        """How many still fire and nobody has taken them."""
        return self.firing - self.taken


def of_storm(alerts: Sequence[Alert]) -> Summary:
    """New alerts that came together. `alerts`: at least one, the worst first."""
    firing = [alert for alert in alerts if alert.state is not State.RESOLVED]
    return _summary(alerts, firing, NAMED_IN_STORM)


def of_digest(alerts: Sequence[Alert]) -> Summary:
    """What came and went. `alerts`: at least one, the worst first."""
    return _summary(alerts, alerts, NAMED_IN_DIGEST)


def keys(summary: Summary) -> Keys:
    """Everything by one button, each of the worst by its own."""
    if not summary.firing:
        return []
    each = [Key(f"#{one.id}", Verb.ASK, f"alert {one.id}") for one in summary.named[:BUTTONS]]
    return [[Key("Show all", Verb.ASK, "alerts")], each]


def _summary(alerts: Sequence[Alert], telling: Sequence[Alert], most: int) -> Summary:
    named, rest = telling[:most], telling[most:]
    groups = Counter((alert.check, alert.severity) for alert in rest)
    counts = [Count(check, severity, count) for (check, severity), count in groups.items()]
    began = min(alert.opened_at for alert in alerts)
    return Summary(
        total=len(alerts),
        over=sum(alert.state is State.RESOLVED for alert in alerts),
        taken=sum(alert.state is State.ACKNOWLEDGED for alert in alerts),
        named=named,
        counts=sorted(counts, key=lambda one: (-one.severity.rank, -one.count, one.check)),
        began=began,
        lasted=max(alert.opened_at for alert in alerts) - began,
    )
