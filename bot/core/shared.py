"""Targets that checks share with SoVAni itself: one name in its `.env` serves both."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Shared:
    """A check's setting of the same name in lower case takes its default from here."""

    slo_api_latency_p95_ms: float = 1200.0
    slo_ingest_success_rate_pct: float = 99.0
    slo_scheduler_on_time_pct: float = 98.0
    cf_negative_balance_alert_threshold: float = -10_000.0
    cf_default_settlement_lag_days: int = 7
