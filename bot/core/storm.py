"""Many alerts in one message: who is named, and what is only counted.

They may be thousands, and the message is made anew while they come: the tables count.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.core.keyboard import Key, Keys
from bot.core.model import Alert, Severity, State
from bot.core.ports import Tx
from bot.core.records import Group
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


def of_storm(tx: Tx, post_id: int) -> Summary:
    """New alerts that came together."""
    groups = tx.alerts.groups_of(post_id)
    firing = [one for one in groups if one.state is not State.RESOLVED]
    named = tx.alerts.worst_of(post_id, NAMED_IN_STORM, firing=True)
    return _summary(groups, firing, named)


def of_digest(tx: Tx, post_id: int) -> Summary:
    """What came and went."""
    groups = tx.alerts.groups_of(post_id)
    return _summary(groups, groups, tx.alerts.worst_of(post_id, NAMED_IN_DIGEST))


def goes_on(tx: Tx, post_id: int) -> bool:
    """Whether anything of it still fires."""
    return any(one.state is not State.RESOLVED for one in tx.alerts.groups_of(post_id))


def keys(summary: Summary) -> Keys:
    """Everything by one button, each of the worst by its own."""
    if not summary.firing:
        return []
    each = [Key(f"#{one.id}", Verb.ASK, f"alert {one.id}") for one in summary.named[:BUTTONS]]
    return [[Key("Show all", Verb.ASK, "alerts")], each]


def _summary(all_: Sequence[Group], told: Sequence[Group], named: Sequence[Alert]) -> Summary:
    rest: Counter[tuple[str, Severity]] = Counter()
    for group in told:
        rest[group.check, group.severity] += group.count
    rest.subtract((alert.check, alert.severity) for alert in named)
    counts = [Count(check, severity, count) for (check, severity), count in rest.items() if count]
    began = min(group.first for group in all_)
    return Summary(
        total=_count(all_),
        over=_count(all_, State.RESOLVED),
        taken=_count(all_, State.ACKNOWLEDGED),
        named=named,
        counts=sorted(counts, key=lambda one: (-one.severity.rank, -one.count, one.check)),
        began=began,
        lasted=max(group.last for group in all_) - began,
    )


def _count(groups: Iterable[Group], *states: State) -> int:
    return sum(one.count for one in groups if not states or one.state in states)
