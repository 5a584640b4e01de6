"""The chapters of the configuration reference, and which setting belongs to which.

By the beginning of its name, the first fit wins; so a new setting is somewhere at once.
"""

from collections.abc import Iterable, Mapping
from typing import Final

MUST: Final = ("bot_token", "admin_chat_id", "admin_user_ids")
OTHERS: Final = "Everything else"
TOPICS: Final[Mapping[str, tuple[str, ...]]] = {
    "What must be set": MUST,
    "Chats and people": (
        *("manager_chat_id", "alert_chat_ids", "manager_user_ids", "viewer_user_ids"),
        *("app_timezone", "working_hours", "oncall_rota", "contacts"),
    ),
    "Telegram": ("telegram_", "webhook_"),
    "The shop: database, web API, services": (
        *("database_url", "sql_timeout", "web_api_url", "admin_token", "prometheus_url"),
        *("service_", "supervisor_url", "crontab_user", "mirror_"),
    ),
    "Alerts": (
        *("check_", "unknown_rounds", "alert_", "storm_", "flap_", "maintenance_silences"),
        "undelivered_",
    ),
    "Service levels and cash": ("slo_", "cf_"),
    "Repairs and jobs": (
        *("auto_remediation_", "maintenance_window", "job_", "missed_jobs", "restart_missed"),
        *("archive_", "retention_"),
    ),
    "Mail, letters and other ways out": (
        *("smtp_", "fallback_", "heartbeat_", "finance_", "wb_support", "ozon_support"),
    ),
    "HTTP API and alerts of other programs": ("http_", "api_tokens", "incoming_", "beats"),
    "Marketplaces": ("wb_", "ozon_", "second_resolver"),
    "The assistant itself": ("state_database_url", "history_days", "log_"),
}


def grouped(names: Iterable[str]) -> dict[str, list[str]]:
    """Names by chapter; within one in the order of its beginnings, then as they came."""
    left = dict.fromkeys(names)
    found: dict[str, list[str]] = {}
    for topic, beginnings in TOPICS.items():
        own = [one for start in beginnings for one in left if one.startswith(start)]
        found[topic] = list(dict.fromkeys(own))
        for name in found[topic]:
            del left[name]
    found[OTHERS] = list(left)
    return {topic: own for topic, own in found.items() if own}
