"""The settings of the check of the web API's latency."""

from datetime import timedelta

from pydantic import Field

from checks._config import CheckConfig, Seconds, Words


class Config(CheckConfig, title="CHECKS__API_LATENCY_P95"):
    slo_api_latency_p95_ms: float = Field(
        default=1200.0, gt=0, description="Limit in milliseconds, if not SoVAni's own."
    )
    slo_windows_pct: float = Field(
        default=99.0,
        gt=0,
        le=100,
        description="Rounds that must find p95 within the limit, in %, for the error budget.",
    )
    window_sec: Seconds = Field(
        default=300, gt=0, description="Seconds of requests that one p95 is made of."
    )
    min_requests: int = Field(
        default=20, ge=1, description="With fewer requests in the window, p95 is unknown."
    )
    recovery_requests: int = Field(
        default=60,
        ge=1,
        description="Fast requests in a row that end an alert early; fewer could be chance.",
    )
    sustained_sec: Seconds = Field(
        default=900, ge=0, description="Slow for so many seconds, the warning is an error."
    )
    cache_hits_metric: str = Field(
        default="cache_hits_total", description="The counter of what its cache found, if any."
    )
    cache_misses_metric: str = Field(
        default="cache_misses_total", description="The counter of what its cache had not."
    )
    ignored_endpoints: Words = Field(
        default=("/metrics", "/health", "/healthz"),
        description="Left out, by comma: no person waits for them.",
    )

    @property
    def window(self) -> timedelta:
        return timedelta(seconds=self.window_sec)
