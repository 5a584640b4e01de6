"""Where the assistant's own tables are: all that `backup` and `restore` need to know."""

import re
from pathlib import Path

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

SOURCES = SettingsConfigDict(
    env_file=".env",
    env_nested_delimiter="__",
    extra="ignore",
    env_ignore_empty=True,
    allow_inf_nan=False,  # a limit that is no number is never passed, and all would seem well
)


class StateSettings(BaseSettings):
    model_config = SOURCES

    state_database_url: str = Field(
        default="sqlite:///./ops_state.db",
        description="The assistant's own tables: a SQLite file that nobody else writes to.",
    )

    @field_validator("state_database_url")
    @classmethod
    def _state_is_sqlite(cls, value: str) -> str:
        if not re.match(r"sqlite(\+aiosqlite)?:///.+", value):
            raise ValueError("is not a SQLite file, such as sqlite:///./ops_state.db")
        return value

    @property
    def state_path(self) -> Path:
        return Path(self.state_database_url.partition(":///")[2])
