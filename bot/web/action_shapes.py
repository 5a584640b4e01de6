"""What is said about remediations, to and fro."""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, Field, RootModel

from bot.core.counter import FAR_AWAY
from bot.core.records import RunState
from bot.core.runbook import Guard


class RemediateQuery(BaseModel):
    alert_source: str | None = Field(
        default=None,
        max_length=100,
        examples=["check_db_growth"],
        description="The check: its own remediation is meant.",
    )
    action: str | None = Field(
        default=None,
        max_length=100,
        examples=["remediate_clear_cache"],
        description="Another one, by name; see `/api/v1/ops/actions`.",
    )
    args: str = Field(default="", max_length=200, description="Its arguments, as in the chat.")
    confirm: bool = Field(
        default=False, description="An admin's token says yes at once; else a person has to."
    )
    wait: float = Field(
        default=25, ge=0, le=60, description="Seconds to wait for the end. `run` tells later."
    )


class Remediated(BaseModel):
    """As SoVAni answers, with the run besides."""

    status: Literal["success", "failure", "running", "proposed", "refused"]
    action_name: str
    details: str
    retry_count: int
    run: int = Field(description="See `/api/v1/ops/runs/{id}`.")


class RunPath(BaseModel):
    id: int = Field(ge=1, lt=FAR_AWAY, examples=[1])


class RunRow(BaseModel):
    id: int
    action: str
    title: str
    state: RunState
    text: str = Field(description="What its message in the chat says.")
    alert: int | None
    asked_by: str
    asked_at: datetime
    confirmed_by: str | None
    started_at: datetime | None
    finished_at: datetime | None
    before: dict[str, object]
    progress: dict[str, object]
    after: dict[str, object]


class ActionRow(BaseModel):
    name: str
    label: str
    role: str
    guard: Guard
    arguments: list[str]
    checks: list[str] = Field(description="Alert sources that offer it.")


class ActionRows(RootModel[list[ActionRow]]):
    pass


class RunSaid(BaseModel):
    key: str
    said: str
