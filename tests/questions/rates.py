"""Changes of commission rates, as widely as they can be told."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from bot.core.ports import Tx
from bot.core.records import Run, RunState
from tests.conftest import NOON
from tests.questions.runs import LONG_NAME

LONG_CATEGORY = "Home & <garden> furniture for everybody in the whole country"


def changed(  # noqa: PLR0913  # what a change is
    number: int,
    at: datetime,
    *,
    category: str = "Toys",
    rate: str = "12.5",
    since: date | None = None,
    who: str = "Ann",
    state: RunState = RunState.SUCCEEDED,
    effect_rub: float = 2_500.0,
) -> Run:
    return Run(
        id=0,
        key=f"rate {number}",
        action="remediate_rate",
        target="commission rules",
        state=state,
        args={
            "marketplace": "OZON",
            "rate": rate,
            "from": str(since or at.date()),
            "category": category.lower(),
        },
        asked_at=at - timedelta(seconds=20),
        asked_by=1001,
        asked_name=who,
        confirmed_name=who,
        finished_at=at,
        before={
            "category": category,
            "old_pct": 10.0,
            "effect_rub": effect_rub,
            "effect_days": 30,
        },
    )


def undone(tx: Tx, run: Run | None, at: datetime, who: str = "Boris") -> None:
    assert run is not None
    made = tx.runs.add(
        Run(
            id=0,
            key=f"{run.key} undone",
            action="remediate_rate_undo",
            target="commission rules",
            state=RunState.SUCCEEDED,
            asked_at=at,
            asked_name=who,
            confirmed_name=who,
            finished_at=at,
            origin_id=run.id,
        )
    )
    assert made is not None


def rule(
    since: str, rate: float, old: float | None = 10, category: str = "Toys"
) -> Mapping[str, Any]:
    return {
        "marketplace": "OZON",
        "category": category,
        "since": since,
        "rate_pct": rate,
        "old_pct": old,
    }


def several(tx: Tx) -> None:
    first = NOON - timedelta(days=20)
    tx.runs.add(changed(1, first))
    again = tx.runs.add(
        changed(
            2,
            first + timedelta(days=4),
            category=LONG_CATEGORY,
            rate="14.125",
            who=LONG_NAME,
            effect_rub=-123_456_789_012,
        )
    )
    undone(tx, again, first + timedelta(days=4, minutes=6), who=LONG_NAME)
    tx.runs.add(changed(3, first + timedelta(days=8), rate="15"))
    tx.runs.add(changed(4, first + timedelta(days=9), state=RunState.FAILED))
    tx.runs.add(changed(5, NOON - timedelta(hours=3), rate="16", state=RunState.NOT_VERIFIED))


RULES = [
    rule("2026-11-03", 12.5),
    rule("2026-11-19", 16.0, 15.0),
    rule("2026-11-15", 20.0, None, LONG_CATEGORY),
    rule("2026-11-23", 16.0, 15.0),
    rule("2026-08-01", 9.0),
]
