"""Each way in which Telegram can answer, and what becomes of the message (telegram.md §2)."""

import logging

import pytest

from bot.core.model import Severity, fires
from bot.core.records import PostState
from demo.telegram import ADMINS, SHOP_TEAM
from tests import fakes
from tests.conftest import Clock
from tests.edges.telegram.office import Office

SICK = fires("shop database", Severity.WARNING, **fakes.FULL)


@pytest.mark.parametrize(
    ("status", "description"),
    [
        (403, "Forbidden: bot was blocked by the user"),
        (403, "Forbidden: user is deactivated"),
        (403, "Forbidden: bot was kicked from the supergroup chat"),
        (403, "Forbidden: bot is not a member of the supergroup chat"),
        (403, "Forbidden: bot can't initiate conversation with a user"),
        (400, "Bad Request: chat not found"),
        (400, "Bad Request: not enough rights to send text messages to the chat"),
        (400, "Bad Request: CHAT_WRITE_FORBIDDEN"),
        (400, "Bad Request: have no rights to send a message"),
        (400, "Bad Request: PEER_ID_INVALID"),
    ],
)
async def test_a_closed_chat_is_given_up_and_the_admins_get_its_alerts(
    office: Office, status: int, description: str
) -> None:
    await office.phone.fault(status=status, description=description, chat_id=SHOP_TEAM, times=None)
    await office.sees(SICK)
    await office.deliver()
    reason = description.partition(": ")[2].lower()
    assert [one.lower() for one in (await office.broken()).values()] == [reason]
    notice, card = await office.chat(ADMINS)
    assert reason in notice["text"].lower()
    assert "The database is" in card["text"]

    await office.sees(SICK, fires("other", Severity.WARNING, **fakes.FULL))
    await office.deliver()
    assert len(await office.chat(ADMINS)) == 3  # no second notice
    methods = await office.answered(status)
    assert methods == 1  # the closed chat is not asked again


@pytest.mark.parametrize(
    "description",
    [
        "Bad Request: message is too long",
        "Bad Request: can't parse entities: unsupported start tag",
        "Bad Request: message caption is too long",
        "Bad Request: BUTTON_STYLE_INVALID",
    ],
)
async def test_a_refused_text_is_sent_as_plain_text(office: Office, description: str) -> None:
    await office.phone.fault(description=description)
    await office.sees(SICK)
    await office.deliver()
    [card] = await office.chat()
    assert "The database is" in card["text"]


@pytest.mark.parametrize("words", ["message thread not found", "TOPIC_CLOSED", "TOPIC_DELETED"])
async def test_without_its_topic_the_card_goes_to_the_chat(office: Office, words: str) -> None:
    office.move_team_to_topic(17)
    await office.phone.fault(description=f"Bad Request: {words}")
    await office.sees(SICK)
    await office.deliver()
    [card] = await office.chat()
    assert "The database is" in card["text"]
    assert await office.broken() == {}


async def test_an_unchanged_message_counts_as_shown(office: Office) -> None:
    await office.sees(SICK)
    await office.deliver()
    office.start_anew()  # one that remembers does not ask
    await office.store.write(lambda tx: tx.alerts.touch(1))
    await office.deliver()
    [post] = await office.posts()
    assert post.shown == post.wanted
    assert await office.answered(400) == 1  # "message is not modified"


@pytest.mark.parametrize(
    "words", ["message to edit not found", "message can't be edited", "MESSAGE_ID_INVALID"]
)
async def test_a_card_that_cannot_be_edited_is_posted_anew(office: Office, words: str) -> None:
    await office.sees(SICK)
    await office.deliver()
    await office.phone.fault(method="editMessageText", description=f"Bad Request: {words}")
    await office.sees(fires("shop database", Severity.ERROR, **fakes.FULL))
    await office.deliver()
    cards = [one for one in await office.chat() if one["buttons"]]
    assert len(cards) == 2


@pytest.mark.parametrize("status", [500, 502, 504])
@pytest.mark.parametrize("kind", ["refuse", "html"])
async def test_a_server_in_trouble_is_asked_again(
    office: Office, clock: Clock, kind: str, status: int
) -> None:
    await office.phone.fault(kind, method="sendMessage", status=status, description="trouble")
    await office.sees(SICK)
    await office.deliver()
    clock.forward(seconds=31)
    await office.deliver()
    [post] = await office.posts()
    assert post.state is PostState.SHOWN


async def test_a_message_too_large_is_given_up_and_told_to_the_admins(office: Office) -> None:
    await office.phone.fault(status=413, description="Request Entity Too Large", chat_id=SHOP_TEAM)
    await office.sees(SICK)
    await office.deliver()
    assert len(await office.chat(ADMINS)) == 1
    assert await office.broken() == {}


@pytest.mark.parametrize(("status", "words"), [(401, "Unauthorized"), (404, "Not Found")])
async def test_a_refused_token_keeps_everything_until_it_is_mended(
    office: Office, clock: Clock, caplog: pytest.LogCaptureFixture, status: int, words: str
) -> None:
    await office.phone.fault(status=status, description=words, times=None)
    await office.sees(SICK)
    await office.deliver()
    assert office.courier.line.token_refused
    errors = [one for one in caplog.records if one.levelno == logging.ERROR]
    assert ["token" in one.message for one in errors] == [True]

    await office.phone.clear_faults()
    clock.forward(seconds=30)
    await office.deliver()
    assert not office.courier.line.token_refused
    assert len(await office.chat()) == 1


async def test_in_an_outage_only_one_message_is_ever_in_doubt(
    office: Office, clock: Clock
) -> None:
    await office.phone.outage(on=True)
    await office.sees(*(fires(f"db {number}", Severity.ERROR, **fakes.FULL) for number in "1234"))
    for _ in range(20):
        await office.deliver()
        clock.forward(seconds=25)
    await office.phone.outage(on=False)
    await office.deliver()
    clock.forward(seconds=31)
    await office.deliver()
    cards = await office.chat()
    assert len(cards) == 4
    assert sum("sent again" in card["text"] for card in cards) == 1


async def test_refusals_in_several_chats_hold_all_of_them(office: Office, clock: Clock) -> None:
    for chat in (SHOP_TEAM, ADMINS):
        await office.phone.fault(
            status=429,
            description="Too Many Requests: retry after 9",
            chat_id=chat,
            parameters={"retry_after": 9},
        )
    await office.sees(fires("shop database", Severity.CRITICAL, **fakes.FULL))
    await office.deliver()
    assert await office.answered(429) == 2
    clock.forward(seconds=10)
    await office.deliver()
    assert len(await office.chat()) == len(await office.chat(ADMINS)) == 1


async def test_a_clock_set_back_delays_nothing_for_long(office: Office, clock: Clock) -> None:
    await office.phone.fault("drop_before", method="sendMessage")
    await office.sees(SICK)
    await office.deliver()
    clock.forward(hours=-5)
    office.set_back = 5 * 3600.0
    await office.deliver()
    assert len(await office.chat()) == 1
