"""Who changed which commission rate: the assistant's own runs, and what others changed beside it.

A rule in the shop's table that no run of ours has added was made by somebody else.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Final
from zoneinfo import ZoneInfo

from bot.core.model import Row
from bot.core.records import Run, RunState
from bot.core.values import number

CHANGE: Final = "remediate_rate"
UNDO: Final = "remediate_rate_undo"
DONE: Final = (RunState.SUCCEEDED, RunState.NOT_VERIFIED, RunState.VERIFYING)
_Key = tuple[str, str, str, float | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """`who` None: not through the assistant; `at` is then the day it holds from.

    `old_pct` None: the category had no rule before. `gone`: others have changed or removed the
    rule since. `effect_rub` is what was foreseen, at the sales of `effect_days`.
    """

    at: datetime
    marketplace: str
    category: str
    old_pct: float | None
    new_pct: float | None
    since: str
    who: str | None = None
    run_id: int | None = None
    effect_rub: float | None = None
    effect_days: int | None = None
    undone_by: str | None = None
    undone_at: datetime | None = None
    gone: bool = False


def changes(
    runs: Sequence[Run], rules: Iterable[Row] | None, start: date, zone: ZoneInfo
) -> list[Change]:
    """Those of `start` and later, the newest first.

    `runs` and `rules` reach back further, so that each rule finds the run that made it. `rules`
    None: they cannot be read.
    """
    first = datetime.combine(start, time(), zone)
    undone = {run.origin_id: run for run in runs if run.action == UNDO and run.state in DONE}
    known = {_key(row): row for row in rules or ()}
    made = [run for run in runs if run.action == CHANGE and _took_effect(run, known)]
    kept = {_key_of(run) for run in made if run.id not in undone}
    ours = [
        _ours(run, undone.get(run.id), gone=rules is not None and _key_of(run) not in known)
        for run in made
    ]
    others = [
        _others(row, zone)
        for key, row in known.items()
        if key not in kept and _is_day(str(row["since"]))
    ]
    found = [one for one in (*ours, *others) if one.at >= first]
    return sorted(found, key=lambda one: one.at, reverse=True)


def authors(runs: Sequence[Run], rules: Iterable[Row]) -> list[str | None]:
    """Who has made each of `rules` through the assistant; None: somebody else."""
    rows = list(rules)
    known = {_key(row) for row in rows}
    undone = {run.origin_id for run in runs if run.action == UNDO and run.state in DONE}
    made = {
        _key_of(run): run.decided_by
        for run in runs
        if run.action == CHANGE and run.id not in undone and _took_effect(run, known)
    }
    return [made.get(_key(row)) for row in rows]


def _took_effect(run: Run, known: Collection[_Key]) -> bool:
    """Also what was broken off, where its rule is there: the power failed after the change."""
    return run.state in DONE or (run.started_at is not None and _key_of(run) in known)


def _ours(run: Run, undo: Run | None, *, gone: bool) -> Change:
    days = run.before.get("effect_days")
    return Change(
        at=run.finished_at or run.asked_at,
        marketplace=str(run.args["marketplace"]),
        category=str(run.before.get("category", run.args["category"])),
        old_pct=number(run.before.get("old_pct")),
        new_pct=number(run.args["rate"]),
        since=str(run.args["from"]),
        who=run.decided_by,
        run_id=run.id,
        effect_rub=number(run.before.get("effect_rub")),
        effect_days=days if isinstance(days, int) else None,
        undone_by=undo.decided_by if undo else None,
        undone_at=(undo.finished_at or undo.asked_at) if undo else None,
        gone=gone and undo is None,
    )


def _others(row: Row, zone: ZoneInfo) -> Change:
    since = str(row["since"])[:10]
    return Change(
        at=datetime.combine(date.fromisoformat(since), time(), zone),
        marketplace=str(row["marketplace"]),
        category=str(row["category"] or ""),
        old_pct=number(row["old_pct"]),
        new_pct=number(row["rate_pct"]),
        since=since,
    )


def _key(row: Row) -> _Key:
    category = str(row["category"] or "")
    return str(row["marketplace"]), category, str(row["since"])[:10], number(row["rate_pct"])


def _key_of(run: Run) -> _Key:
    args, category = run.args, str(run.before.get("category", run.args["category"]))
    return str(args["marketplace"]), category, str(args["from"]), number(args["rate"])


def _is_day(text: str) -> bool:
    try:
        return bool(date.fromisoformat(text[:10]))
    except ValueError:
        return False
