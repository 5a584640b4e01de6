"""Every setting: its environment name, type, default and meaning.

The fields' names in capitals are the environment names; `.env.example` and
`docs/configuration.md` list the same ones, and a test holds the three equal.
"""

import re
from typing import Any, Literal
from zoneinfo import ZoneInfo

from pydantic import Field, SecretStr, field_validator, model_validator

from bot.edges.redact import passwords
from bot.settings_actions import ActionSettings
from bot.settings_alerts import AlertSettings
from bot.settings_archive import ArchiveSettings
from bot.settings_host import HostSettings
from bot.settings_jobs import JobSettings
from bot.settings_markets import MarketSettings
from bot.settings_mirror import MirrorSettings
from bot.settings_people import PeopleSettings
from bot.settings_schedule import ScheduleSettings
from bot.settings_state import SOURCES, StateSettings
from bot.settings_types import ChatRef, Chats, Ids, Url
from bot.settings_web import WebSettings
from bot.settings_webhook import WebhookSettings

TOKEN = re.compile(r"\d{6,12}:[A-Za-z0-9_-]{30,}")
TELEGRAM = "https://api.telegram.org"
TELEGRAM_TAKES = re.compile(r"https://[^/:]+(:(443|80|88|8443))?(/.*)?")
PROXY = re.compile(r"(http|socks[45])://([^/\s]*@)?[^/@:\s]+:\d{1,5}/?")  # what aiogram takes
UNIT = re.compile(r"[A-Za-z0-9@:_.-]+")


class Settings(
    ActionSettings,
    AlertSettings,
    ArchiveSettings,
    HostSettings,
    JobSettings,
    MarketSettings,
    MirrorSettings,
    ScheduleSettings,
    PeopleSettings,
    WebSettings,
    WebhookSettings,
    StateSettings,
):
    model_config = SOURCES

    bot_token: SecretStr = Field(
        description="The assistant's own token from @BotFather, never SoVAni's `TELEGRAM_TOKEN`.",
        examples=["123456789:AAExampleExampleExampleExampleExample"],
    )
    telegram_api_url: Url = Field(
        default=TELEGRAM,
        description="Another Bot API server: a local one, or the demo's emulator.",
    )
    telegram_per_second: int = Field(
        default=25, ge=1, description="Requests in a second, at most. Telegram allows about 30."
    )
    telegram_chat_burst: int = Field(
        default=3,
        ge=1,
        description="Requests to one chat in 3 seconds, at most; Telegram takes one a second.",
    )
    telegram_group_per_minute: int = Field(
        default=18,
        ge=1,
        description="Requests to one group in a minute, at most. Telegram allows about 20.",
    )
    telegram_proxy_url: SecretStr | None = Field(
        default=None,
        description="For hosts that reach Telegram only through a proxy.",
        examples=["http://127.0.0.1:3128"],
    )
    manager_chat_id: int | None = Field(
        default=None,
        description="SoVAni's name for the admin's chat; used where `ADMIN_CHAT_ID` is not set.",
        examples=["111111111"],
    )
    admin_chat_id: int | None = Field(
        default=None,
        description="The chat of critical alerts. Default: `MANAGER_CHAT_ID`.",
        examples=["-1001234567890"],
    )
    alert_chat_ids: Chats = Field(
        default=(),
        description="Where alerts go: `chat` or `chat:topic`, by comma. Default: the admin chat.",
        examples=["-1001234567890,-1009876543210:17"],
    )
    admin_user_ids: Ids = Field(
        default=frozenset(),
        description="People who may do everything. Numeric Telegram user ids, by comma.",
        examples=["111111111,222222222"],
    )
    manager_user_ids: Ids = Field(
        default=frozenset(),
        description="People who may answer alerts and run remediations.",
        examples=["333333333"],
    )
    viewer_user_ids: Ids = Field(
        default=frozenset(),
        description="People who may look and change nothing.",
        examples=["444444444"],
    )
    database_url: SecretStr = Field(
        default=SecretStr("sqlite:///./sovani_bot.db"),
        description="The shop's database, SQLite or PostgreSQL, in SoVAni's own notation.",
    )
    web_api_url: Url = Field(
        default="http://localhost:8000", description="SoVAni's web API, without a path."
    )
    admin_token: SecretStr | None = Field(
        default=None,
        description="The web API's admin token; `Clear cache` needs it.",
        examples=["the-value-of-ADMIN_TOKEN-in-SoVAni's-.env"],
    )
    prometheus_url: Url | None = Field(
        default=None,
        description="If set, latency comes from PromQL instead of the web API's `/metrics`.",
        examples=["http://localhost:9090"],
    )
    service_manager: Literal["systemd", "supervisor", "none"] = Field(
        default="systemd", description="Who runs SoVAni's services."
    )
    supervisor_url: SecretStr | None = Field(
        default=None,
        description="Supervisor's XML-RPC address, where it is the service manager.",
        examples=["http://user:password@127.0.0.1:9001/RPC2"],
    )
    service_bot: str = Field(default="sovani-bot", description="Unit of SoVAni's own bot.")
    service_web: str = Field(default="sovani-web-api", description="Unit of the web API.")
    service_scheduler: str = Field(
        default="sovani-scheduler", description="Unit of the job scheduler."
    )
    log_format: Literal["console", "json"] = Field(
        default="console", description="How log lines look."
    )
    checks: dict[str, dict[str, Any]] = Field(
        default_factory=dict,
        description="Thresholds of one check: `CHECKS__<NAME>__<FIELD>`.",
    )

    @field_validator("bot_token")
    @classmethod
    def _token_has_its_form(cls, value: SecretStr) -> SecretStr:
        if not TOKEN.fullmatch(value.get_secret_value()):
            raise ValueError("is not a Telegram bot token")
        return value

    @field_validator("service_bot", "service_web", "service_scheduler", "service_self")
    @classmethod
    def _unit_is_a_name(cls, value: str) -> str:
        if not UNIT.fullmatch(value) or value.startswith("-"):
            raise ValueError("is not a unit's name, such as sovani-scheduler")
        return value

    @field_validator("supervisor_url")
    @classmethod
    def _supervisor_is_asked_over_http(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and not re.match(r"https?://[^/\s]+", value.get_secret_value()):
            raise ValueError("is not a URL, such as http://127.0.0.1:9001/RPC2")
        return value

    @field_validator("telegram_proxy_url")
    @classmethod
    def _proxy_can_be_asked(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and not PROXY.fullmatch(value.get_secret_value()):
            raise ValueError("is not http, socks4 or socks5 with a host and a port")
        return value

    @field_validator("database_url")
    @classmethod
    def _shop_is_known(cls, value: SecretStr) -> SecretStr:
        if not re.match(r"(sqlite|postgres(ql)?)(\+\w+)?://", value.get_secret_value()):
            raise ValueError("is neither sqlite:///file nor postgresql://user@host/database")
        return value

    @field_validator("database_url")
    @classmethod
    def _shop_is_a_file(cls, value: SecretStr) -> SecretStr:
        kind, _, path = value.get_secret_value().partition(":///")
        if kind.startswith("sqlite") and path in {"", ":memory:"}:
            raise ValueError("names no file, such as sqlite:///./sovani_bot.db")
        return value

    @model_validator(mode="after")
    def _somebody_is_told(self) -> "Settings":
        if self.admin_chat_id is None:
            self.admin_chat_id = self.manager_chat_id
        if self.admin_chat_id is None:
            raise ValueError("ADMIN_CHAT_ID: no chat is set that would get critical alerts")
        if not self.admins:
            raise ValueError("ADMIN_USER_IDS: nobody is set who may answer alerts")
        able = self.admins | self.manager_user_ids
        if strangers := {one.person for one in self.oncall_rota} - able:
            raise ValueError(f"ONCALL_ROTA: {min(strangers)} is neither an admin nor a manager")
        if self.fallback_email is not None and self.smtp_url is None:
            raise ValueError("SMTP_URL: FALLBACK_EMAIL is set, but who sends the mail?")
        if self.service_manager == "supervisor" and self.supervisor_url is None:
            raise ValueError("SUPERVISOR_URL: the service manager is supervisor, but where is it?")
        if self.webhook_url is not None:
            self._webhook_is_heard(self.webhook_url)
        return self

    def _webhook_is_heard(self, url: str) -> None:
        if self.http_listen is None:
            raise ValueError("WEBHOOK_URL: nobody would hear Telegram, HTTP_LISTEN is empty")
        if self.telegram_api_url == TELEGRAM and not TELEGRAM_TAKES.fullmatch(url):
            raise ValueError("WEBHOOK_URL: Telegram wants https:// and port 443, 80, 88 or 8443")

    @property
    def admin_chat(self) -> ChatRef:
        assert self.admin_chat_id is not None  # noqa: S101  # the validator above saw to it
        return ChatRef(self.admin_chat_id)

    @property
    def alert_chats(self) -> tuple[ChatRef, ...]:
        return self.alert_chat_ids or (self.admin_chat,)

    @property
    def admins(self) -> frozenset[int]:
        """An admin chat with a positive id is a private one: its owner is an admin."""
        own = {self.admin_chat_id} if self.admin_chat_id and self.admin_chat_id > 0 else set()
        return self.admin_user_ids | own

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.app_timezone)

    def secrets(self) -> list[str]:
        """Everything that must never be shown, for the filter of logs and errors."""
        values = [getattr(self, name) for name in type(self).model_fields]
        own = [value.get_secret_value() for value in values if isinstance(value, SecretStr)]
        return [*own, *passwords([*own, *(value for value in values if isinstance(value, str))])]
