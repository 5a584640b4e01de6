"""The whole shop in five seconds."""

from collections import Counter
from collections.abc import Sequence

from bot.core import quiet, silence
from bot.core.model import Alert, Severity
from bot.core.question import Asking, Command, Page
from bot.core.records import Silence
from bot.questions._states import OFF, View, views

BLIND = ("unknown", "idle")


def command() -> Command:
    return Command(name="status", about="The shop in five seconds", read=read, place=10)


async def read(asking: Asking) -> Page:
    checks = await views(asking)
    alerts = await asking.store.read(lambda tx: list(tx.alerts.open()))
    hushed = await silenced(asking, alerts)
    rounds = [one.state.round_at for one in checks if one.state is not None]
    values = {
        "checks": checks,
        "verdict": verdict(checks, alerts),
        "severities": by_severity(alerts),
        "silenced": [(one, hushed[one.id]) for one in alerts if one.id in hushed],
        "oldest": min(rounds, default=None),
        "newest": max(rounds, default=None),
    }
    return Page(template="answers/status.html.j2", values=values)


def verdict(checks: Sequence[View], alerts: Sequence[Alert]) -> str:
    """Say "ok" only where every check has looked in time and seen nothing wrong."""
    watched = [one for one in checks if one.lamp != OFF]
    if alerts or any(one.lamp not in {"ok", *BLIND} for one in watched):
        return "firing"
    if checks and not watched:
        return OFF
    if all(one.state is None for one in watched):
        return "no_round"
    return "blind" if any(one.lamp in BLIND for one in watched) else "ok"


def by_severity(alerts: Sequence[Alert]) -> list[tuple[Severity, int]]:
    counts = Counter(alert.severity for alert in alerts)
    return sorted(counts.items(), key=lambda pair: -pair[0].rank)


async def silenced(asking: Asking, alerts: Sequence[Alert]) -> dict[int, Silence]:
    """The silence of each alert that has one, by the alert's id."""
    now = asking.moment.now
    policy = asking.book.policy
    active = await asking.store.read(lambda tx: quiet.active(tx, policy, now))
    found = {alert.id: silence.find(active, alert) for alert in alerts}
    return {alert_id: one for alert_id, one in found.items() if one is not None}
