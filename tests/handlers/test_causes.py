"""A person confirms why commissions are off; the alert's story keeps it."""

from datetime import timedelta

from bot.core.causes import Cause
from bot.core.keyboard import Key, confirming
from bot.core.model import Severity, fires
from bot.core.records import PostKind
from bot.core.verbs import Verb
from bot.edges.store import SqlStore
from tests.checks.shop import Shop
from tests.conftest import NOON, TEAM
from tests.handlers.telegram import BORIS, VERA, Phone, buttons, texts


async def test_the_cause_is_kept_once_with_its_author(phone: Phone, store: SqlStore) -> None:
    reading = fires("OZON", Severity.WARNING)
    alert = await store.write(lambda tx: tx.alerts.add("check_commission_outliers", reading, NOON))
    keys = confirming(alert, [Cause.FEE])
    assert [key.label for row in keys for key in row] == [
        "One-off fee",
        "Rate changed",
        "Other category",
        "Rule missing",
    ]
    post, tokens = await phone.shown(PostKind.ANSWER, keys)
    assert post.message_id is not None

    async def tap(who: int, token: str) -> str:
        return texts(await phone.tap(who, TEAM.chat, post.message_id or 0, token))[0]

    assert "needs a manager" in await tap(VERA, tokens[0])
    assert await tap(BORIS, tokens[0]) == "Kept in its story."
    assert await tap(BORIS, tokens[0]) == "Kept in its story."
    assert await tap(BORIS, tokens[1]) == "Kept in its story."
    story = await store.read(lambda tx: list(tx.alerts.history(alert.id)))
    told = [(one.who, one.values["cause"]) for one in story if one.event == "cause"]
    assert told == [("Boris", "fee"), ("Boris", "rate")]
    (said,) = texts(await phone.say(VERA, f"/alert {alert.id}"))
    assert "🔍 Boris: a one-off fee" in said


async def test_a_card_s_outliers_come_with_their_causes(
    phone: Phone, store: SqlStore, shop: Shop
) -> None:
    for ago in range(1, 8):
        shop.overcharge(NOON.date() - timedelta(days=ago), 4, 150)
    reading = fires("OZON", Severity.WARNING)
    alert = await store.write(lambda tx: tx.alerts.add("check_commission_outliers", reading, NOON))
    show = [[Key("Show outliers", Verb.ASK, "show_outliers")]]
    post, tokens = await phone.shown(PostKind.CARD, show, alert_id=alert.id)
    _, answer = await phone.tap(VERA, TEAM.chat, post.message_id or 0, tokens[0])
    assert "<b>Another category</b>: oz-cups, still all here, +50 %; 350 ₽" in texts([answer])[0]
    assert next(iter(buttons(answer))) == "Other category"
    message = phone.session.last_id
    (toast,) = await phone.tap(BORIS, TEAM.chat, message, buttons(answer)["Other category"])
    assert texts([toast]) == ["Kept in its story."]
