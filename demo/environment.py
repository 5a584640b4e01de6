"""The environment of the demo's processes, made from nothing: no `.env` and no token leaks in."""

import json
import os
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from demo.ports import HOST
from demo.shop.marketplaces import token
from demo.telegram.world import ADMINS, ANN, BORIS, SHOP_TEAM, VERA

ROOT = Path(__file__).resolve().parent.parent
ZONE = "Europe/Moscow"
JOBS: Mapping[str, str] = {
    "collect_yesterday_data": "* * * * *",
    "recalc_recent_metrics": "*/2 * * * *",
}
_KEPT = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "VIRTUAL_ENV", "PYTHONDONTWRITEBYTECODE")


def _token() -> str:
    return f"42{secrets.randbelow(10**8):08d}:{secrets.token_hex(18)}"


def _market() -> dict[str, str]:
    """Tokens live for 180 days from their making, as Wildberries' do."""
    now, day = time.time(), 86_400
    return {
        "WB_STATS_TOKEN": token(now + 180 * day, "statistics", "analytics"),
        "WB_STATS_TOKEN_BACKUP": token(now + 120 * day, "statistics", "supplies"),
        "WB_CONTENT_TOKEN": token(now + 95 * day, "content", "feedbacks", read_only=False),
        "OZON_CLIENT_ID": str(secrets.randbelow(900_000) + 100_000),
        "OZON_API_KEY_ADMIN": secrets.token_hex(16),
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class Keys:
    """Made anew at each start: none of them opens anything outside the demo."""

    bot: str = field(default_factory=_token)
    admin: str = field(default_factory=lambda: secrets.token_hex(16))
    supervisor: str = field(default_factory=lambda: secrets.token_hex(16))
    market: Mapping[str, str] = field(default_factory=_market)


def bare() -> dict[str, str]:
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    return {**kept, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """Where the parts of one demo are."""

    folder: Path
    keys: Keys
    web_port: int
    supervisor_port: int
    panel_port: int

    @property
    def database(self) -> Path:
        return self.folder / "sovani_bot.db"

    @property
    def state_database(self) -> Path:
        return self.folder / "ops_state.db"

    @property
    def web_url(self) -> str:
        return f"http://{HOST}:{self.web_port}"

    @property
    def panel_url(self) -> str:
        """The switches' own service."""
        return f"http://{HOST}:{self.panel_port}"

    @property
    def supervisor_url(self) -> str:
        return f"http://demo:{self.keys.supervisor}@{HOST}:{self.supervisor_port}/RPC2"


def of_shop(layout: Layout) -> dict[str, str]:
    return {
        **bare(),
        "DATABASE_URL": f"sqlite:///{layout.database}",
        "APP_TIMEZONE": ZONE,
        "ADMIN_TOKEN": layout.keys.admin,
        "DEMO_WEB_PORT": str(layout.web_port),
        "DEMO_JOBS": json.dumps(dict(JOBS)),
        "SUPERVISOR_URL": layout.supervisor_url,
        "DEMO_MARKET_KEYS": json.dumps(dict(layout.keys.market)),
    }


def of_assistant(layout: Layout, telegram: str) -> dict[str, str]:
    """Return the settings of `python -m bot run`, with limits that fit a shop this small."""
    return {
        **bare(),
        "BOT_TOKEN": layout.keys.bot,
        "TELEGRAM_API_URL": telegram,
        "ADMIN_CHAT_ID": str(ADMINS),
        "ALERT_CHAT_IDS": str(SHOP_TEAM),
        "ADMIN_USER_IDS": str(ANN),
        "MANAGER_USER_IDS": str(BORIS),
        "VIEWER_USER_IDS": str(VERA),
        "DATABASE_URL": f"sqlite:///{layout.database}",
        "STATE_DATABASE_URL": f"sqlite:///{layout.state_database}",
        "WEB_API_URL": layout.web_url,
        "ADMIN_TOKEN": layout.keys.admin,
        **layout.keys.market,
        "WB_API_URL": f"{layout.panel_url}/wb/statistics",
        "WB_COMMON_API_URL": f"{layout.panel_url}/wb/common",
        "WB_CONTENT_API_URL": f"{layout.panel_url}/wb/content",
        "OZON_API_URL": f"{layout.panel_url}/ozon",
        "SECOND_RESOLVER": "",
        "SERVICE_MANAGER": "supervisor",
        "SUPERVISOR_URL": layout.supervisor_url,
        "JOB_COLLECT": "api:/api/v1/jobs/collect?date={date}",
        "JOB_LOCK_WAIT_SEC": "60",  # as the demo's writers do
        "JOB_RECALC": "api:/api/v1/jobs/recalc?days={days}",
        "APP_TIMEZONE": ZONE,
        "HTTP_LISTEN": "",
        # So the shop's own /api/v1/ops/alerts tells of what is seen in the chat.
        "MIRROR_HISTORY": "true",
        "CHECK_INTERVAL_SEC": "5",
        # Breaking everything at once is what the demo is for; a real group is not so patient.
        "TELEGRAM_GROUP_PER_MINUTE": "120",
        "TELEGRAM_CHAT_BURST": "10",
        # In the demo people repair the shop, by tapping.
        "AUTO_REMEDIATION_ENABLED": "false",
        # A run a minute: half an hour of a dead scheduler must not stay red for a day.
        "SLO_SCHEDULER_ON_TIME_PCT": "90",
        "CHECKS__SCHEDULER_ON_TIME__SCHEDULE": json.dumps(dict(JOBS)),
        "CHECKS__SCHEDULER_ON_TIME__GRACE_SEC": "40",
        "CHECKS__API_LATENCY_P95__WINDOW_SEC": "20",
        # The collector runs every minute, so yesterday is there soon after midnight.
        "CHECKS__INGEST_SUCCESS_RATE__NOT_BEFORE": "00:05",
        "CHECKS__DB_GROWTH__WARN_BYTES": "100000000",
        "CHECKS__DB_GROWTH__ERROR_BYTES": "400000000",
    }
