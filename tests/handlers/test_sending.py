"""What Telegram may answer to an answer of ours."""

import pytest
from aiogram.exceptions import (
    TelegramBadRequest,
    TelegramForbiddenError,
    TelegramMigrateToChat,
    TelegramNetworkError,
    TelegramRetryAfter,
)
from aiogram.methods import EditMessageText, SendDocument, SendMessage
from aiogram.types import BufferedInputFile

from bot.core.question import Document
from bot.core.records import PostState
from bot.edges.charts import Charts
from bot.edges.redact import Redactor
from bot.edges.store import SqlStore
from bot.edges.telegram.limits import Pace
from bot.edges.templates import Templates
from handlers.sending import Sender, Target
from tests.checks.shop import Shop
from tests.conftest import NOON, TEAM
from tests.handlers.telegram import ANN, VERA, Phone, buttons, texts

SAID = SendMessage(chat_id=ANN, text="x")


async def test_markup_that_telegram_refuses_is_sent_as_text(phone: Phone) -> None:
    phone.session.refusals = [TelegramBadRequest(SAID, "Bad Request: can't parse entities: x")]
    _, again = await phone.say(VERA, "/help")
    assert isinstance(again, SendMessage)
    assert again.parse_mode is None
    assert again.text.startswith("Commands, page 1 of ")
    assert again.text.splitlines()[1] == "/status"


async def test_an_answer_follows_a_group_that_moved(phone: Phone, store: SqlStore) -> None:
    moved = TelegramMigrateToChat(SAID, "upgraded to a supergroup chat", -100777)
    phone.session.refusals = [moved]
    _, again = await phone.say(VERA, "/help", TEAM.chat)
    assert isinstance(again, SendMessage)
    assert again.chat_id == -100777
    assert await store.read(lambda tx: tx.posts.new_id(TEAM.chat)) == -100777


async def test_telegram_may_ask_for_a_little_patience(phone: Phone) -> None:
    phone.session.refusals = [TelegramRetryAfter(SAID, "Too Many Requests", 0)]
    assert len(await phone.say(VERA, "/help")) == 2


@pytest.mark.parametrize(
    "refusal",
    [
        TelegramForbiddenError(SAID, "Forbidden: bot was blocked by the user"),
        TelegramNetworkError(SAID, "Request timeout error"),
        TelegramRetryAfter(SAID, "Too Many Requests", 600),
    ],
)
async def test_what_cannot_be_sent_is_given_up_and_its_buttons_with_it(
    phone: Phone, store: SqlStore, refusal: Exception
) -> None:
    phone.session.refusals = [refusal]
    assert len(await phone.say(VERA, "/runbook")) == 1
    post = await store.read(lambda tx: tx.posts.get(1))
    assert post is not None
    assert post.state is PostState.DEAD
    assert not await store.read(lambda tx: tx.posts.due_chats(NOON))


async def test_an_answer_that_was_deleted_comes_anew(phone: Phone) -> None:
    (first,) = await phone.say(VERA, "/runbook")
    message = phone.session.last_id
    gone = TelegramBadRequest(SAID, "Bad Request: message to edit not found")
    token = buttons(first)["3 · Cash balance"]
    phone.session.refusals = [TelegramBadRequest(SAID, "query is too old"), gone]
    *_, anew = await phone.tap(VERA, VERA, message, token)
    assert isinstance(anew, SendMessage)
    back = buttons(anew)["Runbooks"]
    *_, list_again = await phone.tap(VERA, VERA, phone.session.last_id, back)
    assert isinstance(list_again, EditMessageText)


async def test_a_file_that_cannot_be_sent_is_said_so(phone: Phone) -> None:
    phone.session.refusals = [TelegramBadRequest(SAID, "Bad Request: file is too big")]
    *_, said = texts(await phone.say(VERA, "/export outliers"))
    assert said == "The file could not be sent. Try again in a minute."


async def test_a_file_has_no_secret_in_it(phone: Phone, shop: Shop, templates: Templates) -> None:
    """An article of the shop is called as a token is; an error of a job may carry one likewise."""
    templates.redact = Redactor(["planted-secret"])
    shop.run("UPDATE sku SET article = 'a planted-secret'")
    shop.overcharge("2026-11-20", 4, 999)
    *_, file = await phone.say(VERA, "/export csv outliers")
    assert isinstance(file, SendDocument)
    assert isinstance(file.document, BufferedInputFile)
    assert "a «hidden»".encode() in file.document.data
    assert b"planted" not in file.document.data


async def test_the_buttons_of_an_answer_are_never_the_courier_s_work(
    phone: Phone, store: SqlStore
) -> None:
    await phone.say(VERA, "/runbook")
    assert not await store.read(lambda tx: tx.posts.due_chats(NOON))
    assert not await store.read(lambda tx: tx.posts.sending())


@pytest.fixture
def slept() -> list[float]:
    return []


@pytest.fixture
def sender(store: SqlStore, templates: Templates, slept: list[float]) -> Sender:
    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    pace = Pace(lambda: sum(slept))
    return Sender(store=store, templates=templates, charts=Charts(), pace=pace, sleep=sleep)


async def test_a_long_429_is_heeded_by_whoever_else_sends_there(
    phone: Phone, sender: Sender, slept: list[float]
) -> None:
    phone.session.refusals = [TelegramRetryAfter(SAID, "Too Many Requests", 600)]
    assert await sender.text(phone.bot, Target(chat_id=ANN), "x") is None
    assert sender.pace is not None
    assert sender.pace.wait(ANN) == 600
    assert await sender.text(phone.bot, Target(chat_id=ANN), "y") is None
    assert len(phone.session.calls) == 1, "what is asked in a pause makes it longer"
    assert slept == []


@pytest.mark.parametrize(("seconds", "tries"), [(5, 2), (600, 1)])
async def test_a_file_is_tried_again_only_when_telegram_takes_it_again(
    phone: Phone, sender: Sender, slept: list[float], seconds: int, tries: int
) -> None:
    phone.session.refusals = [TelegramRetryAfter(SAID, "Too Many Requests", seconds)]
    await sender.document(phone.bot, Target(chat_id=ANN), Document(name="x.txt", text="x"))
    assert [type(one) for one in phone.session.calls] == [SendDocument] * tries
    assert sum(slept) == (seconds if tries > 1 else 0)
