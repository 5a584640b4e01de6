"""How SoVAni's own jobs are started by hand; releases differ, so it is a setting."""

import re
from typing import Annotated, Any

from pydantic import BeforeValidator, Field
from pydantic_settings import BaseSettings

from bot.settings_types import Seconds

RECIPE = re.compile(r"(api:/[^\s#]*|unit:[A-Za-z0-9][A-Za-z0-9@:_.{}-]*)")
PLACES = {"{date}", "{days}"}


def _recipe(value: Any) -> Any:  # noqa: ANN401  # whatever the environment holds
    if not isinstance(value, str):
        return value
    strange = set(re.findall(r"\{[^}]*\}?", value)) - PLACES
    if not RECIPE.fullmatch(value) or strange:
        raise ValueError("is neither api:/path of the web API nor unit:name of a systemd unit")
    return value


Recipe = Annotated[str, BeforeValidator(_recipe)]


class JobSettings(BaseSettings):
    job_collect: Recipe | None = Field(
        default=None,
        description="What collects one day: a `POST` to the web API or a systemd unit; `{date}` "
        "stands for the day. Not set: `Collect yesterday` says that it cannot.",
        examples=["api:/api/v1/jobs/collect?date={date}"],
    )
    job_recalc: Recipe | None = Field(
        default=None,
        description="What recalculates the last days; `{days}` stands for how many.",
        examples=["unit:sovani-recalc@{days}.service"],
    )
    job_timeout_sec: Seconds = Field(
        default=900, gt=0, le=3000, description="How long a job started by hand may take."
    )
    job_lock_wait_sec: Seconds = Field(
        default=5,
        ge=0,
        le=600,
        description="How long SoVAni's jobs wait for a locked SQLite file before they fail (their "
        "busy timeout). VACUUM and REINDEX that take at most half of it mind only the jobs that "
        "run now, not those that fall due.",
    )
