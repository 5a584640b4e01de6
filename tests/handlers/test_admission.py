"""Who gets in, and who gets nothing but a sentence."""

from datetime import timedelta

import pytest
from aiogram.methods import SendMessage

from bot.core import people
from bot.edges.store import SqlStore
from tests.conftest import NOON, TEAM, Clock
from tests.handlers.telegram import ANN, SAM, VERA, Phone, texts, user

ELSEWHERE = -100999
CHANNEL = {"id": -100555, "type": "channel", "title": "News"}
GROUP = {"id": TEAM.chat, "type": "supergroup", "title": "A group"}
ANONYMOUS = {
    "id": 1087968824,
    "is_bot": True,
    "first_name": "Group",
    "username": "GroupAnonymousBot",
}
FORWARDED = {"type": "user", "sender_user": user(SAM), "date": 1}
PHOTO = [{"file_id": "f", "file_unique_id": "u", "width": 1, "height": 1}]


async def recorded(store: SqlStore, verdict: str) -> int:
    since = NOON - timedelta(days=1)
    return await store.read(lambda tx: tx.audit.count(since=since, verdicts=[verdict]))


@pytest.mark.parametrize("text", ["/status", "/cash", "/nothing", "hello", "/alerts@ops_bot"])
async def test_a_stranger_is_refused_and_recorded(
    phone: Phone, store: SqlStore, text: str
) -> None:
    (said,) = texts(await phone.say(SAM, text))
    assert said == (
        "You are not on this assistant's list."
        " Ask the admin to add your user id (1999) to the settings."
    )
    assert await recorded(store, "stranger") == 1


@pytest.mark.parametrize("command", ["/whoami", "/start"])
async def test_a_stranger_learns_the_own_id_and_whom_to_ask(
    phone: Phone, store: SqlStore, command: str
) -> None:
    (said,) = texts(await phone.say(SAM, command))
    assert "<code>1999</code>" in said
    assert "Ask the admin" in said
    assert await recorded(store, "stranger") == 1


async def test_a_stranger_in_a_group_is_answered_once_an_hour_and_recorded_each_time(
    phone: Phone, store: SqlStore, clock: Clock
) -> None:
    assert len(await phone.say(SAM, "/status", TEAM.chat)) == 1
    assert await phone.say(SAM, "/whoami", TEAM.chat) == []
    assert await phone.say(SAM, "/status", TEAM.chat) == []
    clock.forward(minutes=61)
    assert len(await phone.say(SAM, "/status", TEAM.chat)) == 1
    assert await recorded(store, "stranger") == 4


async def test_a_stranger_cannot_make_us_talk_without_end_in_private(phone: Phone) -> None:
    answers = [len(await phone.say(SAM, "/status")) for _ in range(12)]
    assert sum(answers) == 10


async def test_a_group_that_is_not_connected_is_told_its_id(phone: Phone, store: SqlStore) -> None:
    (said,) = texts(await phone.say(ANN, "/status", ELSEWHERE))
    assert "-100999" in said
    assert await recorded(store, "unknown_chat") == 1


@pytest.mark.parametrize(
    ("more", "verdict"),
    [
        pytest.param({"forward_origin": FORWARDED}, "command_forwarded", id="forwarded"),
        pytest.param(
            {"text": None, "caption": "/status", "photo": PHOTO},
            "command_in_caption",
            id="caption",
        ),
        pytest.param({"via_bot": user(5) | {"is_bot": True}}, "command_via_bot", id="via a bot"),
        pytest.param(
            {"from": ANONYMOUS, "sender_chat": GROUP}, "command_of_nobody", id="anonymous admin"
        ),
        pytest.param({"sender_chat": CHANNEL}, "command_of_nobody", id="sent as a channel"),
        pytest.param(
            {"from": user(777000), "is_automatic_forward": True, "sender_chat": CHANNEL},
            "command_of_nobody",
            id="a channel's post in its group",
        ),
    ],
)
async def test_a_command_that_nobody_typed_is_refused_and_recorded(
    phone: Phone, store: SqlStore, more: dict[str, object], verdict: str
) -> None:
    (said,) = await phone.say(ANN, "/status", TEAM.chat, fields=more)
    assert isinstance(said, SendMessage)
    assert "not carried out" in said.text
    assert await recorded(store, verdict) == 1


async def test_a_command_from_before_an_outage_is_not_carried_out(
    phone: Phone, store: SqlStore
) -> None:
    (said,) = texts(await phone.say(ANN, "/status", ago=timedelta(minutes=11)))
    assert said.startswith("Your command is 11 min old")
    assert await recorded(store, "command_stale") == 1
    assert len(await phone.say(ANN, "/help", ago=timedelta(minutes=9))) == 1


@pytest.mark.parametrize(
    "text",
    ["hello", "/kick", "/status@another_bot", "see /status", "//status", "/status/", "/статус"],
)
async def test_other_people_s_talk_in_a_group_is_left_alone(
    phone: Phone, store: SqlStore, text: str
) -> None:
    assert await phone.say(ANN, text, TEAM.chat) == []
    assert await phone.say(SAM, text, TEAM.chat) == []
    assert await recorded(store, "stranger") == 0


async def test_an_unknown_command_to_us_by_name_is_answered(phone: Phone) -> None:
    (said,) = texts(await phone.say(ANN, "/kick@ops_bot", TEAM.chat))
    assert said == "There is no command /kick. /help has all of them."


@pytest.mark.parametrize("text", ["/HELP", "/help@OPS_BOT", "/help   "])
async def test_a_command_may_be_written_in_any_case(phone: Phone, text: str) -> None:
    (said,) = texts(await phone.say(VERA, text, TEAM.chat))
    assert said.startswith("<b>Commands</b>")


async def test_channel_posts_and_edited_messages_do_nothing(phone: Phone) -> None:
    post = {"message_id": 1, "date": int(NOON.timestamp()), "chat": CHANNEL, "text": "/status"}
    edited = post | {"chat": GROUP, "from": user(ANN), "edit_date": int(NOON.timestamp())}
    assert await phone.feed(channel_post=post) == []
    assert await phone.feed(edited_message=edited) == []


async def test_only_the_updates_that_have_handlers_are_asked_for(phone: Phone) -> None:
    assert sorted(phone.dispatcher.resolve_used_update_types()) == [
        "callback_query",
        "message",
        "my_chat_member",
    ]


async def test_a_name_cannot_break_a_line_or_turn_it_around(phone: Phone) -> None:
    odd = user(SAM) | {"first_name": "\u202eA\nB\t<b>C</b>" + "x" * 90}
    (said,) = texts(await phone.say(SAM, "/whoami", fields={"from": odd}))
    first = said.splitlines()[0]
    assert first.startswith("<b>A B &lt;b&gt;C&lt;/b&gt;x")
    assert len(first) < 100


async def test_a_group_that_became_a_supergroup_goes_on(phone: Phone, store: SqlStore) -> None:
    new = -100777
    assert await phone.say(SAM, None, TEAM.chat, fields={"migrate_to_chat_id": new}) == []
    assert await store.read(lambda tx: tx.posts.new_id(TEAM.chat)) == new
    (said,) = texts(await phone.say(ANN, "/whoami", new))
    assert str(new) in said
    name = (await store.read(lambda tx: people.known(tx, ANN))).name
    assert name != str(ANN)  # whoever speaks there is known by name


async def test_a_stranger_s_group_that_moves_is_nothing_to_us(
    phone: Phone, store: SqlStore
) -> None:
    await phone.say(SAM, None, ELSEWHERE, fields={"migrate_to_chat_id": -100777})
    assert await store.read(lambda tx: tx.posts.new_id(ELSEWHERE)) == ELSEWHERE
