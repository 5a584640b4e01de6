"""Where the shop's old rows go."""

from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings


class ArchiveSettings(BaseSettings):
    archive_dir: Path | None = Field(
        default=None,
        description="Where `/archive` puts its files. Not set: the folder `archive` beside the "
        "assistant's own tables.",
        examples=["/var/lib/sovani-ops/archive"],
    )
