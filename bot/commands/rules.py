"""What the settings decide: targets of the checks, the policy of alerts, who may do what where."""

from collections.abc import Sequence
from datetime import timedelta

from bot.commands import people
from bot.core import contacts, grants
from bot.core.access import Access
from bot.core.grants import SHOP_TOKEN, ApiToken, Grant
from bot.core.policy import Policy
from bot.core.shared import Shared
from bot.settings import Settings


def shared(settings: Settings) -> Shared:
    return Shared(
        slo_api_latency_p95_ms=settings.slo_api_latency_p95_ms,
        slo_ingest_success_rate_pct=settings.slo_ingest_success_rate_pct,
        slo_scheduler_on_time_pct=settings.slo_scheduler_on_time_pct,
        cf_negative_balance_alert_threshold=settings.cf_negative_balance_alert_threshold,
        cf_default_settlement_lag_days=settings.cf_default_settlement_lag_days,
    )


def policy(settings: Settings) -> Policy:
    return Policy(
        admin_chat=settings.admin_chat,
        alert_chats=settings.alert_chats,
        zone=settings.zone,
        min_severity=settings.alert_min_severity,
        dedup_window=timedelta(seconds=settings.alert_dedup_window_sec),
        unknown_rounds=settings.unknown_rounds,
        automatic=settings.auto_remediation_enabled,
        automatic_per_hour=settings.auto_remediation_max_retries,
        maintenance=settings.maintenance_window,
        storm_per_minute=settings.storm_per_minute,
        flap_changes=settings.flap_changes,
        flap_window=timedelta(seconds=settings.flap_window_sec),
        morning=settings.working_hours.start,
        rota=settings.oncall_rota,
        quiet_hours=settings.maintenance_silences,
        contacts=contacts.merged(settings.contacts, people.known(settings)),
        supports=people.supports(settings),
        missed_jobs=settings.missed_jobs,
        missed_retries=settings.missed_jobs_retries,
        retention=settings.retention_days,
    )


def access(settings: Settings) -> Access:
    chats = {place.chat for place in (*settings.alert_chats, settings.admin_chat)}
    return Access(
        admins=settings.admins,
        managers=settings.manager_user_ids,
        viewers=settings.viewer_user_ids,
        chats=chats,
    )


def api_tokens(settings: Settings) -> Sequence[ApiToken]:
    """All tokens of the HTTP API, SoVAni's own among them."""
    shop_token = settings.admin_token.get_secret_value() if settings.admin_token else ""
    own = ApiToken(SHOP_TOKEN, Grant.ADMIN, grants.digest(shop_token))
    return (*settings.api_tokens, *([own] if shop_token else []))


def belonging(settings: Settings) -> set[int]:
    """All chats that messages of ours belong in; a private one has its owner's id."""
    allowed = access(settings)
    finance = [] if settings.finance_chat_id is None else [settings.finance_chat_id]
    return {*allowed.chats, *finance, *allowed.admins, *allowed.managers, *allowed.viewers}
