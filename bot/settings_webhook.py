"""How Telegram's updates come in: by long polling, or by webhook."""

import re

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings

URL = re.compile(r"https?://[A-Za-z0-9_.\-\[\]:]+(/[\w./~%-]*)?")
SECRET = re.compile(r"[A-Za-z0-9_-]{16,256}")


class WebhookSettings(BaseSettings):
    webhook_url: str | None = Field(
        default=None,
        description="If set, Telegram brings updates to this address instead of long polling. "
        "A proxy passes it on to `HTTP_LISTEN`; the assistant adds a random path of its own.",
        examples=["https://ops.example.com"],
    )
    webhook_secret: SecretStr | None = Field(
        default=None,
        description="What Telegram shows with every update, 16 to 256 of `A-Za-z0-9_-`. "
        "Not set: one is made and kept in the state database.",
        examples=["0123456789abcdef0123456789abcdef"],
    )

    @field_validator("webhook_url")
    @classmethod
    def _webhook_is_an_address(cls, value: str | None) -> str | None:
        if value is not None and not URL.fullmatch(value):
            raise ValueError("is not an address, such as https://ops.example.com")
        return value.rstrip("/") if value else None

    @field_validator("webhook_secret")
    @classmethod
    def _secret_is_one(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and not SECRET.fullmatch(value.get_secret_value()):
            raise ValueError("is not 16 to 256 of A-Za-z0-9_-")
        return value
