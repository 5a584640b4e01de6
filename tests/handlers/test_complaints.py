"""Who may say that the shop is slow, by command and by button."""

from bot.core.keyboard import Key
from bot.core.manual import NAME
from bot.core.model import Alert
from bot.core.records import PostKind
from bot.core.verbs import Verb
from tests.conftest import TEAM
from tests.handlers.telegram import BORIS, VERA, Phone, texts

KEYS = [[Key("Users complain", Verb.COMPLAIN)]]


async def opened(phone: Phone) -> list[Alert]:
    return await phone.store.read(lambda tx: list(tx.alerts.open(NAME)))


async def test_a_manager_may(phone: Phone) -> None:
    [said] = texts(await phone.say(BORIS, "/slow the stocks page", TEAM.chat))
    assert "Everybody is told, as alert #1" in said
    [alert] = await opened(phone)
    assert alert.facts["said"] == "the stocks page"


async def test_a_viewer_may_not_and_is_told_so(phone: Phone) -> None:
    [said] = texts(await phone.say(VERA, "/slow"))
    assert "manager" in said
    assert await opened(phone) == []


async def test_the_button_does_the_same_and_two_taps_are_one(phone: Phone) -> None:
    post, [token] = await phone.shown(PostKind.ANSWER, KEYS)
    assert post.message_id is not None
    for _ in range(2):
        [toast] = texts(await phone.tap(BORIS, TEAM.chat, post.message_id, token))
        assert "alert #1" in toast
    [alert] = await opened(phone)
    assert alert.facts["people"] == ["Boris"]


async def test_a_viewers_tap_is_refused(phone: Phone) -> None:
    post, [token] = await phone.shown(PostKind.ANSWER, KEYS)
    assert post.message_id is not None
    [toast] = texts(await phone.tap(VERA, TEAM.chat, post.message_id, token))
    assert "manager" in toast
    assert await opened(phone) == []
