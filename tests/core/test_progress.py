"""What a running action says of itself must never break the action."""

from types import SimpleNamespace
from typing import Any

from bot.core.progress import Progress
from bot.core.records import Run, RunState
from tests.moment import NOON

RUN = Run(
    id=7,
    key="k",
    action="remediate_archive_sales",
    target="shop database",
    state=RunState.RUNNING,
    asked_at=NOON,
    asked_name="Ann",
)


async def on_a_full_disk(*_given: object, **_named: object) -> None:
    raise OSError(28, "No space left on device")


async def test_what_cannot_be_kept_does_not_stop_the_work() -> None:
    woken: list[bool] = []
    store: Any = SimpleNamespace(write=on_a_full_disk)
    tell = Progress(run=RUN, store=store, clock=lambda: NOON, wake=lambda: woken.append(True))
    await tell({"phase": "archive_removes", "done": 1, "total": 2})
    await tell({"phase": "archive_full_unremoves", "done": 1, "total": 1})
    assert woken == [True, True]
