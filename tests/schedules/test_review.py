"""The monthly review of commissions: an alert that somebody has to take."""

from datetime import timedelta

from bot import schedules
from bot.core import review
from bot.core.model import (
    Severity,
    State,
)
from bot.core.policy import Policy
from bot.core.records import PostKind
from bot.edges.store import SqlStore
from tests.conftest import Clock
from tests.schedules.hall import Hall, at


async def test_the_review_is_an_alert_with_its_report_and_must_be_taken(
    store: SqlStore, clock: Clock, policy: Policy
) -> None:
    hall = Hall(store, clock, policy, review=schedules.load()["review"].work)
    hall.shop.answers = {
        "answers/outliers_sums.sql.j2": [
            {
                "marketplace": "WB",
                "outliers": 7,
                "at_stake_rub": 1234.0,
                "overcharged_rub": 0,
                "judged_rows": 50,
                "total_rows": 50,
            }
        ]
    }
    await hall.look()
    clock.now = at(24, 6)
    assert await hall.look() == ["review"]
    [alert] = await store.read(lambda tx: list(tx.alerts.open(review.NAME)))
    assert (alert.severity, alert.state, alert.subject) == (
        Severity.WARNING,
        State.FIRING,
        "2026-10",
    )
    assert alert.remind_at == clock() + timedelta(hours=1)
    card, report = await hall.posts()
    pages = [await hall.shown(post) for post in (card, report)]
    assert "Review the commissions of October 2026" in pages[0]
    assert "7 outliers" in pages[0]
    assert (report.kind, report.reply_to, report.silent) == (PostKind.NOTICE, card.id, True)
    assert "WB" in pages[1]
