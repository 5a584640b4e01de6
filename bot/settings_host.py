"""Settings of what is seen of the machine."""

import re

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings


class HostSettings(BaseSettings):
    crontab_user: str | None = Field(
        default=None,
        description="Whose crontab *Config* shows. Default: the assistant's own. Another "
        "account's is read by root only: as it is installed (account `sovani-ops`) the assistant "
        "cannot, and the answer says how to look by hand. Leave it unset there.",
        examples=["sovani"],
    )

    @field_validator("crontab_user")
    @classmethod
    def _user_is_a_name(cls, value: str | None) -> str | None:
        if value is not None and not re.fullmatch(r"[a-z_][a-z0-9_-]{0,31}", value):
            raise ValueError("is not the name of an account, such as sovani")
        return value
