"""The checklist, for programs: read only, because a step is what a person has to take."""

from datetime import datetime

from pydantic import BaseModel, Field, RootModel

from bot.core.grants import Grant
from bot.core.todo import Item, ItemState
from bot.web.context import Context
from bot.web.endpoint import AnyEndpoint, Call, Endpoint, Nothing


class TodoQuery(BaseModel):
    state: ItemState = Field(
        default=ItemState.OPEN, description="`open`, `done` or `dropped` (not needed)."
    )
    limit: int = Field(default=100, ge=1, le=500)


class TodoRow(BaseModel):
    """One step that only a person can take."""

    id: int = Field(description="T5 in the chat.")
    step: str | None = Field(description="Its name, where it is one of a runbook's.")
    text: str = Field(description="What is to be done, as the chat shows it.")
    alert: int | None
    runbook: int | None
    state: ItemState
    owner: str | None
    created_at: datetime
    created_by: str
    due_at: datetime
    overdue: bool
    remind_at: datetime | None = Field(description="When it rings next; `null`: it is over.")
    reminders: int = Field(description="How often it has rung since its time was last set.")
    ended_at: datetime | None
    ended_by: str | None
    note: str


class TodoRows(RootModel[list[TodoRow]]):
    pass


def endpoints(context: Context) -> list[AnyEndpoint]:
    async def todo(call: Call[Nothing, TodoQuery, Nothing]) -> TodoRows:
        query, now = call.query, context.clock()
        if query.state is ItemState.OPEN:
            found = await context.store.read(lambda tx: tx.todos.open())
        else:
            found = await context.store.read(lambda tx: tx.todos.newest(query.limit, query.state))
        return TodoRows([_row(context, one, now) for one in found[: query.limit]])

    return [
        Endpoint(
            method="GET",
            path="/api/v1/ops/todo",
            name="todo",
            about="Steps that only people can take: open ones, the longest overdue first; "
            "or those that are over, the newest first.",
            work=todo,
            answer=TodoRows,
            needs=Grant.VIEWER,
            query=TodoQuery,
            group="Alerts",
        )
    ]


def _row(context: Context, item: Item, now: datetime) -> TodoRow:
    return TodoRow(
        id=item.id,
        step=item.step,
        text=context.templates.say_plain(item.title),
        alert=item.alert_id,
        runbook=item.runbook,
        state=item.state,
        owner=item.owner,
        created_at=item.created_at,
        created_by=item.created_by,
        due_at=item.due_at,
        overdue=item.overdue(now),
        remind_at=item.remind_at if item.open else None,
        reminders=item.reminders,
        ended_at=item.ended_at,
        ended_by=item.ended_by,
        note=item.note,
    )
