"""What has been done in an incident, for the lines of its runbook to be ticked.

An incident is one episode of an alert, from its opening to its end. What a person typed in that
time counts as well as what was tapped on the card: it was done meanwhile, for whatever reason.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.core.model import Alert
from bot.core.ports import Tx
from bot.core.records import HistoryEntry, Look, Run, RunState
from bot.core.runbook import Remediation
from bot.core.steps import Section, Step, said
from bot.core.todo import CATALOGUE, Item, ItemState


class Mark(StrEnum):
    """How far a thing has come."""

    DONE = "done"
    LOOKED = "looked"  # somebody asked
    SAID = "said"  # somebody wrote down why, or what was decided
    WAITS = "waits"  # for somebody's yes
    RUNNING = "running"
    USELESS = "useless"  # done, and it did not help
    FAILED = "failed"
    BROKEN_OFF = "broken_off"
    STOPPED = "stopped"
    UNDONE = "undone"
    LISTED = "listed"  # on the checklist
    DROPPED = "dropped"  # somebody said that it is not needed


MARKS: Mapping[RunState, Mark] = {
    RunState.ASKED: Mark.WAITS,
    RunState.PROPOSED: Mark.WAITS,
    RunState.REQUESTED: Mark.RUNNING,
    RunState.RUNNING: Mark.RUNNING,
    RunState.HANDED_OVER: Mark.RUNNING,
    RunState.VERIFYING: Mark.RUNNING,
    RunState.SUCCEEDED: Mark.DONE,
    RunState.NOT_VERIFIED: Mark.USELESS,
    RunState.FAILED: Mark.FAILED,
    RunState.CANCELLED: Mark.STOPPED,
    RunState.INTERRUPTED: Mark.BROKEN_OFF,
}
ITEMS: Mapping[ItemState, Mark] = {
    ItemState.OPEN: Mark.LISTED,
    ItemState.DONE: Mark.DONE,
    ItemState.DROPPED: Mark.DROPPED,
}
UNDER_WAY = (Mark.WAITS, Mark.RUNNING)
LOOKED_AT = (Section.DIAGNOSIS, Section.STEPS)  # who looks has done what these lines ask for


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    """One thing done: how it went, when, by whom. No `who`: by itself, or nobody has it yet.

    `what` says which of several things a line has, or the cause. `at` of what is on the checklist
    is when it is due.
    """

    mark: Mark
    at: datetime
    who: str = ""
    what: str = ""
    action: str = ""
    item: int = 0  # of the checklist


@dataclass(frozen=True, slots=True, kw_only=True)
class Deeds:
    """All that was done in one incident; without an alert, what is on the checklist."""

    alert: Alert | None = None
    runs: Sequence[Run] = ()
    story: Sequence[HistoryEntry] = ()
    looks: Sequence[Look] = ()
    items: Sequence[Item] = ()

    def ticks(self, step: Step, actions: Mapping[str, Remediation]) -> list[Tick]:
        """What was done of this line: deeds and words before looks, the latest first."""
        asked = set(step.asks.values()) if step.section in LOOKED_AT else set()
        last = {one.who: one for one in self.looks if one.question in asked}
        found = [
            *(
                tick
                for run in self.runs
                if run.action in step.actions and (tick := self._of_run(run, step, actions))
            ),
            *(
                Tick(mark=Mark.SAID, at=one.at, who=one.who, what=str(one.values.get("cause", "")))
                for one in self.story
                if one.event in step.told
            ),
            *(Tick(mark=Mark.LOOKED, at=one.at, who=one.who) for one in last.values()),
            *(_of_item(one, step) for one in self.items if one.step in step.todo),
        ]
        found.sort(key=lambda tick: tick.at, reverse=True)
        return sorted(found, key=lambda tick: tick.mark is Mark.LOOKED)

    def _of_run(self, run: Run, step: Step, actions: Mapping[str, Remediation]) -> Tick | None:
        """Nothing of what never began: it changed nothing, and its message says why."""
        action = actions.get(run.action)
        mark = MARKS.get(run.state)
        if mark is None or (run.started_at is None and mark not in UNDER_WAY):
            return None
        mine = self.alert is not None and run.alert_id == self.alert.id
        if action is not None and action.needs_alert and not mine:
            return None
        undone = self._undone(run, action)
        last = undone or run
        return Tick(
            mark=Mark.UNDONE if undone else mark,
            at=last.finished_at or last.started_at or last.asked_at,
            who="" if last.automatic else _names(last),
            what=action.label if action is not None and len(step.actions) > 1 else "",
            action=run.action,
        )

    def _undone(self, run: Run, action: Remediation | None) -> Run | None:
        if action is None or action.undo is None:
            return None
        undoing = [
            one
            for one in self.runs
            if one.origin_id == run.id
            and one.action == action.undo
            and one.state is RunState.SUCCEEDED
        ]
        return undoing[0] if undoing else None


def _of_item(item: Item, step: Step) -> Tick:
    known = CATALOGUE.get(item.step or "")
    return Tick(
        mark=ITEMS[item.state],
        at=item.ended_at or item.due_at,
        who=(item.owner if item.open else item.ended_by) or "",
        what=known.label if known and len(step.todo) > 1 else "",
        item=item.id,
    )


def did_it(step: Step, ticks: Sequence[Tick]) -> bool:
    """Whether a line counts as done: what it does was done at last, and not only looked at."""
    if not ticks:
        return False
    if step.todo:
        ended = {tick.what for tick in ticks if tick.mark in {Mark.DONE, Mark.DROPPED}}
        return len(ended) == len(step.todo)
    if step.actions:
        return ticks[0].mark is Mark.DONE
    return ticks[0].mark is (Mark.SAID if step.told else Mark.LOOKED)


def of(tx: Tx, alert: Alert, page: int) -> Deeds:
    """Read what was done in this episode; `page` is the number of the runbook it is asked for.

    A step of the checklist belongs to the alert in all its episodes: it is there once.
    """
    since, until = alert.opened_at, alert.resolved_at
    runs = {run.id: run for run in (*tx.runs.started_since(since), *tx.runs.of_alert(alert.id))}
    return Deeds(
        alert=alert,
        runs=[
            run
            for run in sorted(runs.values(), key=lambda one: one.id)
            if _within(run.started_at or run.asked_at, since, until)
        ],
        story=[one for one in tx.alerts.history(alert.id) if _within(one.at, since, until)],
        looks=[
            one
            for one in tx.audit.looks(said(page, alert.id), since=since)
            if _within(one.at, since, until)
        ],
        items=tx.todos.of_alert(alert.id),
    )


def loose(tx: Tx, steps: Sequence[Step]) -> Deeds:
    """What is on the checklist of these lines for no alert."""
    items = (tx.todos.of_step(key, None) for step in steps for key in step.todo)
    return Deeds(items=[one for one in items if one is not None])


def _within(at: datetime, since: datetime, until: datetime | None) -> bool:
    return since <= at and (until is None or at <= until)


def _names(run: Run) -> str:
    both = [run.asked_name, run.confirmed_name or run.asked_name]
    return " + ".join(dict.fromkeys(both))
