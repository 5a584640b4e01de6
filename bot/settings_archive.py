"""Where the shop's old rows go, and which ones are old."""

from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings

from bot.core.retention import Keep
from bot.settings_types import Keeps


class ArchiveSettings(BaseSettings):
    archive_dir: Path | None = Field(
        default=None,
        description="Where `/archive` puts its files. Not set: the folder `archive` beside the "
        "assistant's own tables.",
        examples=["/var/lib/sovani-ops/archive"],
    )
    retention_days: Keeps = Field(
        default=(Keep("daily_sales", 180),),
        description="For how many days rows are wanted, `table=days` by comma: `daily_sales`, "
        "`daily_stock`, `pnl_daily`, `job_runs`; or `off`. What is older is told by `/retention` "
        "and once a month; nothing is deleted by itself.",
        examples=["daily_sales=180,job_runs=365"],
    )
