"""The assistant's own figures, as Prometheus reads them. Nothing secret is ever a label."""

import platform
from collections.abc import Iterable, Mapping
from itertools import product
from typing import Final

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    disable_created_metrics,
)

from bot import __version__
from bot.core.model import Status
from bot.core.records import ENDS

QUICK: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
DELIVERY: Final = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 600, 3600)
PEOPLE: Final = (60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 28800, 86400)


class Metrics:
    """All instruments on a registry of their own: two assistants in a test share nothing."""

    def __init__(self) -> None:
        disable_created_metrics()  # type: ignore[no-untyped-call]  # a second series for each counter, that nobody asks for
        self.registry = CollectorRegistry()
        build = self._gauge("build_info", "What runs; always 1.", "version", "python")
        build.labels(__version__, platform.python_version()).set(1)
        self.rounds = self._counter(
            "check_rounds", "Rounds of a check by what they saw.", "check", "status"
        )
        self.round_seconds = self._histogram(
            "check_duration_seconds", "How long a round took.", "check", buckets=QUICK
        )
        self.switched_on = self._gauge(
            "check_enabled", "1: the check is switched on; 0: off, and has no rounds.", "check"
        )
        self.alerts = self._gauge("alerts", "Open alerts.", "severity", "state")
        self.alert_events = self._counter(
            "alert_events", "What happened to alerts: opened, resolved, escalated …", "event"
        )
        self.acknowledge_seconds = self._histogram(
            "time_to_acknowledge_seconds",
            "From the opening of an alert to the first answer of a person.",
            "severity",
            buckets=PEOPLE,
        )
        self.messages = self._counter(
            "messages", "Requests of the courier by what Telegram made of them.", "kind", "outcome"
        )
        self.delivery_seconds = self._histogram(
            "delivery_delay_seconds",
            "From the wish to tell to Telegram's answer, of new messages.",
            "kind",
            buckets=DELIVERY,
        )
        self.telegram_errors = self._counter(
            "telegram_errors", "Requests to Telegram that failed, by error.", "method", "error"
        )
        self.telegram_seconds = self._histogram(
            "telegram_request_duration_seconds", "Requests to Telegram.", "method", buckets=QUICK
        )
        self.remediations = self._counter(
            "remediations", "Runs of remediations by their end.", "action", "outcome"
        )
        self.slo_compliance = self._gauge(
            "slo_compliance_ratio", "Share of what was good in the last 7 days.", "slo"
        )
        self.slo_target = self._gauge("slo_target_ratio", "What is promised.", "slo")
        self.slo_budget = self._gauge(
            "slo_error_budget_remaining_ratio",
            "What is left of the error budget of the last 7 days; below 0: overspent.",
            "slo",
        )
        self.queue = self._gauge("queue_size", "What waits to be done.", "queue")
        self.undelivered = self._gauge(
            "undelivered_alerts", "Open alerts that no chat could show for ten minutes."
        )
        self.todos = self._gauge(
            "todo_items",
            "Steps of people on the checklist: open, and overdue among them.",
            "state",
        )
        self.broken_chats = self._gauge("broken_chats", "Chats that take no messages of ours.")

    def _counter(self, name: str, about: str, *labels: str) -> Counter:
        return Counter(f"sovani_ops_{name}", about, labels, registry=self.registry)

    def _gauge(self, name: str, about: str, *labels: str) -> Gauge:
        return Gauge(f"sovani_ops_{name}", about, labels, registry=self.registry)

    def _histogram(
        self, name: str, about: str, *labels: str, buckets: tuple[float, ...]
    ) -> Histogram:
        return Histogram(
            f"sovani_ops_{name}", about, labels, buckets=buckets, registry=self.registry
        )

    def expect(self, checks: Iterable[str], actions: Iterable[str]) -> None:
        """Show what has not happened yet as 0.

        Prometheus' `increase()` does not see a series that begins with 1: the first remediation
        to fail would ring nobody.
        """
        for check, status in product(checks, Status):
            self.rounds.labels(check, status.value)
        for action, end in product(actions, ENDS):
            self.remediations.labels(action, end.value)

    def round(self, check: str, status: Status, seconds: float) -> None:
        """Count one round of a check."""
        self.rounds.labels(check, status.value).inc()
        self.round_seconds.labels(check).observe(seconds)

    def delivery(self, kind: str, outcome: str, delay: float | None) -> None:
        """Count one request of the courier; `delay` in seconds for new messages that arrived."""
        self.messages.labels(kind, outcome).inc()
        if delay is not None:
            self.delivery_seconds.labels(kind).observe(max(delay, 0.0))


def fill(gauge: Gauge, values: Mapping[tuple[str, ...], float]) -> None:
    """Let a gauge show these values and no older ones."""
    gauge.clear()
    for labels, value in values.items():
        gauge.labels(*labels).set(value)
