"""What SoVAni is told of alerts and repairs in tables of its own."""

from pydantic import Field
from pydantic_settings import BaseSettings


class MirrorSettings(BaseSettings):
    mirror_history: bool = Field(
        default=False,
        description="Writes alerts and repairs into the shop's `ops_alerts_history` and "
        "`ops_remediation_history`, for SoVAni's own dashboards and `/ops/alerts`. "
        "Needs the right to write to these two tables.",
    )
