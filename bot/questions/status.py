"""The whole shop in five seconds."""

from collections import Counter
from collections.abc import Sequence

from bot.core.model import Alert, Severity
from bot.core.question import Asking, Command, Page
from bot.questions._states import View, views

BLIND = ("unknown", "idle")


def command() -> Command:
    return Command(name="status", about="The shop in five seconds", read=read, place=10)


async def read(asking: Asking) -> Page:
    checks = await views(asking)
    alerts = await asking.store.read(lambda tx: list(tx.alerts.open()))
    rounds = [one.state.round_at for one in checks if one.state is not None]
    values = {
        "checks": checks,
        "verdict": verdict(checks, alerts),
        "severities": by_severity(alerts),
        "silenced": [one for one in alerts if is_silenced(one, asking)],
        "oldest": min(rounds, default=None),
        "newest": max(rounds, default=None),
    }
    return Page(template="answers/status.html.j2", values=values)


def verdict(checks: Sequence[View], alerts: Sequence[Alert]) -> str:
    """Say "ok" only where every check has looked in time and seen nothing wrong."""
    if alerts or any(one.lamp not in {"ok", *BLIND} for one in checks):
        return "firing"
    if not checks or all(one.state is None for one in checks):
        return "no_round"
    return "blind" if any(one.lamp in BLIND for one in checks) else "ok"


def by_severity(alerts: Sequence[Alert]) -> list[tuple[Severity, int]]:
    counts = Counter(alert.severity for alert in alerts)
    return sorted(counts.items(), key=lambda pair: -pair[0].rank)


def is_silenced(alert: Alert, asking: Asking) -> bool:
    return alert.silenced_until is not None and alert.silenced_until > asking.moment.now
