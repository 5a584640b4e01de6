"""The settings of alerts: what is judged, who is told, how, and what may run by itself."""

import re
from datetime import time
from zoneinfo import ZoneInfo

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings

from bot.core.model import Severity
from bot.settings_types import DailySpan, Duties, Seconds, WeeklySpans, Window


class AlertSettings(BaseSettings):
    app_timezone: str = Field(
        default="Europe/Moscow",
        description="Times before people's eyes, and what `yesterday` means.",
    )
    check_interval_sec: Seconds = Field(
        default=300,
        ge=1,
        le=86_400,
        description="Seconds between two rounds of a check. "
        "A check may have its own: `CHECKS__<NAME>__INTERVAL_SEC`.",
    )
    check_timeout_sec: Seconds = Field(
        default=30, gt=0, le=600, description="A round that takes longer is unknown."
    )
    unknown_rounds: int = Field(
        default=3,
        ge=1,
        description="Rounds in a row a check may be blind before an alert says so.",
    )
    alert_dedup_window_sec: Seconds = Field(
        default=300,
        ge=0,
        description="The same trouble back within this time reopens its old card.",
    )
    history_days: int = Field(
        default=400,
        ge=0,
        le=36_500,
        description="Days after which alerts that are over are forgotten, with their history, "
        "messages and repairs; 0: never. Open ones always stay.",
    )
    alert_min_severity: Severity = Field(
        default=Severity.WARNING,
        description="Weaker alerts are kept but not sent: `info`, `warning`, `error`, `critical`.",
    )
    slo_api_latency_p95_ms: float = Field(
        default=1200, gt=0, description="Limit of the web API's p95, in milliseconds."
    )
    slo_ingest_success_rate_pct: float = Field(
        default=99.0, gt=0, le=100, description="Share of successful data collections."
    )
    slo_scheduler_on_time_pct: float = Field(
        default=98.0, gt=0, le=100, description="Share of jobs that run on time."
    )
    cf_negative_balance_alert_threshold: float = Field(
        default=-10_000, description="Roubles; a balance below it is critical."
    )
    cf_default_settlement_lag_days: int = Field(
        default=7, ge=0, le=90, description="Days from a sale to its payout by the marketplace."
    )
    auto_remediation_enabled: bool = Field(
        default=True, description="Whether remediations may run by themselves."
    )
    auto_remediation_max_retries: int = Field(
        default=3, ge=1, description="Automatic runs of one remediation in an hour, at most."
    )
    maintenance_window: DailySpan = Field(
        default=Window(time(2, 30), time(5, 0)),
        description="When disruptive remediations may run by themselves, in `APP_TIMEZONE`.",
    )
    maintenance_silences: WeeklySpans = Field(
        default=(),
        description="Spans in which nothing rings, by comma, in `APP_TIMEZONE`.",
        examples=["Sun 02:00-04:00,03:00-03:20"],
    )
    working_hours: DailySpan = Field(
        default=Window(time(9), time(19)),
        description="A silence until morning ends when they begin, in `APP_TIMEZONE`.",
    )
    oncall_rota: Duties = Field(
        default=(),
        description="Who is on duty: user id, days, hours in `APP_TIMEZONE`; by semicolon.",
        examples=["111111111 Mon-Fri 09:00-18:00; 333333333 18:00-09:00"],
    )
    sql_timeout_sec: Seconds = Field(
        default=5, gt=0, le=60, description="Time limit of one statement on the shop's database."
    )
    storm_per_minute: int = Field(
        default=10,
        ge=1,
        description="More new alerts of one chat in a minute share one message.",
    )
    flap_changes: int = Field(
        default=6, ge=2, description="So many openings and ends in `FLAP_WINDOW_SEC` are flapping."
    )
    flap_window_sec: Seconds = Field(
        default=1800, gt=0, description="Seconds in which the changes of an alert are counted."
    )
    undelivered_after_sec: Seconds = Field(
        default=600,
        gt=0,
        description="An open alert that no chat could show for so long goes the other way out.",
    )
    fallback_url: SecretStr | None = Field(
        default=None,
        description="Gets one JSON `POST` for each alert that Telegram could not show.",
        examples=["https://example.com/hooks/your-secret"],
    )
    fallback_email: str | None = Field(
        default=None,
        description="Gets a mail about alerts that Telegram could not show; needs `SMTP_URL`.",
        examples=["oncall@example.com"],
    )
    smtp_url: SecretStr | None = Field(
        default=None,
        description="Who sends it: `smtp://` (STARTTLS where offered) or `smtps://`. "
        "A password goes encrypted only, or to this machine.",
        examples=["smtp://user:password@smtp.example.com:587"],
    )
    heartbeat_url: SecretStr | None = Field(
        default=None,
        description="Asked for (`GET`) after each complete round of all checks, once a minute at "
        "most: whoever expects it notices a dead assistant, or one that can tell nobody.",
        examples=["https://hc-ping.com/your-uuid"],
    )

    @field_validator("app_timezone")
    @classmethod
    def _zone_exists(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (KeyError, ValueError, OSError) as error:
            raise ValueError("is not a time zone, such as Europe/Moscow") from error
        return value

    @field_validator("smtp_url")
    @classmethod
    def _smtp_has_a_scheme(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and not re.match(r"smtps?://[^/\s]+", value.get_secret_value()):
            raise ValueError("is not an address, such as smtp://user:password@host:587")
        return value

    @field_validator("fallback_email")
    @classmethod
    def _mail_has_its_form(cls, value: str | None) -> str | None:
        if value is not None and not re.fullmatch(r"[^@\s,<>]+@[^@\s,<>]+", value):
            raise ValueError("is not one mail address, such as oncall@example.com")
        return value

    @field_validator("heartbeat_url", "fallback_url")
    @classmethod
    def _secret_url_has_a_scheme(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and not re.match(r"https?://[^/\s]+", value.get_secret_value()):
            raise ValueError("is not a URL, such as https://hc-ping.com/your-uuid")
        return value
