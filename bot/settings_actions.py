"""The settings of actions."""

from pydantic import Field
from pydantic_settings import BaseSettings


class ActionSettings(BaseSettings):
    service_self: str = Field(
        default="sovani-ops",
        description="Unit of this assistant itself; `Restart assistant` restarts it.",
    )
