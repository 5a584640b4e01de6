"""Cards and notices name who is on duty, so that the phone of that person rings."""

from dataclasses import replace

import pytest

from bot.core import people
from bot.core.book import Book
from bot.core.model import Alert, Person, Severity
from bot.core.ports import Tx
from bot.core.records import Post, PostKind
from bot.core.rota import parse_rota
from bot.edges.cards import Cards
from bot.edges.store import SqlStore
from bot.edges.templates import Templates
from tests.conftest import NOON, TEAM
from tests.handlers.alerts import opened
from tests.handlers.telegram import ANN

ROTA = parse_rota(f"{ANN} 09:00-18:00; 1002 18:00-09:00")
CALL = f'<a href="tg://user?id={ANN}">Ann &lt;3</a>'
ODD = Person(id=ANN, name="Ann <3")


@pytest.fixture
def cards(book: Book, templates: Templates) -> Cards:
    on_duty = replace(book, policy=replace(book.policy, rota=ROTA))
    return Cards(templates=templates, book=on_duty)


def alarming(tx: Tx, severity: Severity = Severity.ERROR) -> Alert:
    people.seen(tx, ODD, NOON)
    return tx.alerts.save(replace(opened(tx), severity=severity))


def notice(alert: Alert, name: str) -> Post:
    return Post(
        id=1,
        kind=PostKind.NOTICE,
        chat_id=TEAM.chat,
        alert_id=alert.id,
        template=f"notices/{name}.html.j2",
        context={"before": "warning"},
        created_at=NOON,
    )


@pytest.mark.parametrize("name", ["reminder", "escalated", "rises"])
async def test_a_notice_calls_who_is_on_duty(store: SqlStore, cards: Cards, name: str) -> None:
    alert = await store.write(alarming)
    page = await store.read(lambda tx: cards.page(tx, notice(alert, name), NOON))
    assert page.text.splitlines()[-1] == f"📟 {CALL}"


@pytest.mark.parametrize("name", ["reminder", "escalated", "rises"])
async def test_a_mild_one_calls_nobody(store: SqlStore, cards: Cards, name: str) -> None:
    alert = await store.write(lambda tx: alarming(tx, Severity.WARNING))
    page = await store.read(lambda tx: cards.page(tx, notice(alert, name), NOON))
    assert "tg://user" not in page.text
    card = await store.read(lambda tx: cards.alert_card(tx, alert, NOON))
    assert "On duty" not in card


async def test_a_card_says_until_when(store: SqlStore, cards: Cards) -> None:
    alert = await store.write(alarming)
    card = await store.read(lambda tx: cards.alert_card(tx, alert, NOON))
    assert f"📟 On duty: {CALL} until 18:00" in card.splitlines()


async def test_a_card_counts_down_to_the_admins(store: SqlStore, cards: Cards) -> None:
    alert = await store.write(opened)
    card = await store.read(lambda tx: cards.alert_card(tx, alert, NOON))
    assert alert.escalate_at is not None
    stamp = int(alert.escalate_at.timestamp())
    assert f'⏰ To the admins <tg-time unix="{stamp}" format="r">at 19:00</tg-time>' in card
