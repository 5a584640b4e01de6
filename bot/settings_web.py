"""The settings of the HTTP API: where it listens, who may call it, and how often."""

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, NamedTuple, Self

from dotenv import dotenv_values
from pydantic import BeforeValidator, Field, model_validator
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, NoDecode, PydanticBaseSettingsSource
from pydantic_settings.sources import DotenvType

from bot.core import grants
from bot.core.grants import ApiToken
from bot.edges import schedules
from bot.edges.schedules import Expected
from bot.settings_types import Seconds

ADDRESS = re.compile(r"(?P<host>\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9_.-]+):(?P<port>\d{1,5})")
PORTS = 65_536


class Address(NamedTuple):
    """Where to listen."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def _address(value: object) -> object:
    if not isinstance(value, str):
        return value
    if not value.strip():
        return None
    found = ADDRESS.fullmatch(value.strip())
    if found is None or int(found["port"]) >= PORTS:
        raise ValueError("is not host:port, such as 127.0.0.1:8090; empty: off")
    return Address(found["host"].strip("[]"), int(found["port"]))


def _beats(value: object) -> object:
    return schedules.parse(value) if isinstance(value, str) else value


def _tokens(value: object) -> object:
    return grants.parse(value) if isinstance(value, str) else value


Listen = Annotated[Address | None, NoDecode, BeforeValidator(_address)]
Beats = Annotated[tuple[Expected, ...], NoDecode, BeforeValidator(_beats)]
ApiTokens = Annotated[tuple[ApiToken, ...], NoDecode, BeforeValidator(_tokens)]


class WebSettings(BaseSettings):
    http_listen: Listen = Field(
        default=Address("127.0.0.1", 8090),
        description="Where the HTTP API listens, `host:port`. Empty: it is off.",
    )
    api_tokens: ApiTokens = Field(
        default=(),
        description="Who may call the HTTP API: `name:role:sha256[:user id]`, by comma; "
        "`python -m bot token` makes one. `ADMIN_TOKEN` works as well, as an admin's.",
        examples=["grafana:viewer:" + "0123456789abcdef" * 4],
    )
    http_open_reads: bool = Field(
        default=True,
        description="Whether programs on this machine may read `/metrics` and the SLO summary "
        "without a token. `false` where a proxy on this machine passes strangers on.",
    )
    http_per_second: float = Field(
        default=20, gt=0, description="Requests of one token in a second, at most; then 429."
    )
    http_incoming_per_second: float = Field(
        default=400,
        gt=0,
        description="Incoming alerts and heartbeats of one token in a second, at most.",
    )

    incoming_resolve_timeout_sec: Seconds = Field(
        default=300,
        gt=0,
        description="An alert that Prometheus sends without `endsAt` must be sent again within "
        "this time, as with Alertmanager's `resolve_timeout`.",
    )
    incoming_repeat_sec: Seconds = Field(
        default=93_600,
        gt=0,
        description="The same for webhooks: longer than the `repeat_interval` of their senders.",
    )
    incoming_grace_sec: Seconds = Field(
        default=60, ge=0, description="So much later an alert that is not sent again says so."
    )

    beats: Beats = Field(
        default=(),
        description="Jobs that call `/beat/<job>` when they have run: `job=schedule+grace`, by "
        "semicolon; the schedule is a cron line in `APP_TIMEZONE` or a period.",
        examples=["backup=@daily+2h; sync=*/15 * * * *+5m; report=6h+30m"],
    )

    @model_validator(mode="after")
    def _beats_are_heard(self) -> Self:
        if self.beats and self.http_listen is None:
            raise ValueError("BEATS: nobody would hear them, HTTP_LISTEN is empty")
        return self

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        files = getattr(dotenv_settings, "env_file", None)
        off = EmptyMeansOff(settings_cls, ["http_listen"], files)
        return init_settings, off, env_settings, dotenv_settings, file_secret_settings


class EmptyMeansOff(PydanticBaseSettingsSource):
    """Empty values are ignored, as in any `.env`; but `HTTP_LISTEN=` is a wish."""

    def __init__(
        self, settings_cls: type[BaseSettings], names: list[str], files: DotenvType | None
    ) -> None:
        super().__init__(settings_cls)
        self._names = names
        self._files = [files] if isinstance(files, str | os.PathLike) else list(files or ())

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:
        del field
        return "", field_name, False

    def __call__(self) -> dict[str, Any]:
        written = {**self._file(), **{name.lower(): value for name, value in os.environ.items()}}
        return {name: "" for name in self._names if written.get(name) == ""}

    def _file(self) -> Mapping[str, str | None]:
        """Read all files of settings together; the later ones win."""
        read = [dotenv_values(path) for path in self._files if Path(path).is_file()]
        return {name.lower(): value for one in read for name, value in one.items()}
