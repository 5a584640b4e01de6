"""A review that is due: an alert without a check, which people take and close themselves."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Final

from bot.core.model import Json, Severity, fires
from bot.core.notices import notify
from bot.core.planned import DONE, Told, Turn
from bot.core.ports import Tx
from bot.core.question import Asking, Page
from bot.core.records import PostKind
from bot.core.rounds import Round
from bot.core.runbook import Question, Runbook
from bot.core.schedule import Deed
from bot.core.unwatched import no_facts, nothing

NAME: Final = "check_review"
OUTLIERS: Final = "check_commission_outliers"
DAYS: Final = 31


def runbook(runbooks: Mapping[str, Runbook]) -> Runbook:
    """No round ever judges it. What explains it is the diagnosis of commission outliers."""
    outliers = runbooks.get(OUTLIERS)
    blank = Question(
        name="diagnose", label="Diagnose", template="review/diagnosis.html.j2", read=no_facts
    )
    return Runbook(
        name=NAME,
        title="Monthly review",
        number=0,
        detect=nothing,
        diagnose=outliers.diagnose if outliers else blank,
        asks={"Month's outliers": f"outliers {DAYS}"},
        guide=outliers.number if outliers else 0,
    )


def opened(asking: Asking, turn: Turn, page: Page, month: date) -> Deed:
    """Open the month's alert with its numbers, and put the report under its cards."""
    facts: dict[str, Json] = {
        "month": month.isoformat(),
        "days": DAYS,
        "outliers": _number(page.values["total"]),
        "at_stake_rub": _number(page.values["at_stake_rub"]),
    }
    reading = fires(f"{month:%Y-%m}", Severity.WARNING, **facts)
    text = asking.wording.page_text(page)

    def deed(tx: Tx, now: datetime) -> Told:
        book = asking.book
        Round(tx, book, book.known[NAME], now).heard([reading])
        for alert in tx.alerts.open_among(NAME, [reading.subject]):
            for card in tx.posts.of_alert(alert.id):
                if card.kind is PostKind.CARD:
                    notify(
                        tx, card, turn.key, "notices/report.html.j2", now, silent=True, text=text
                    )
        return DONE

    return deed


def _number(value: object) -> float:
    return value if isinstance(value, int | float) else 0
