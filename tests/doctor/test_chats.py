from collections.abc import Mapping
from pathlib import Path

import pytest

from bot.doctor import chats
from bot.doctor._telegram import Refused, Said
from bot.doctor.chats import Sight
from bot.settings_types import ChatRef
from demo.telegram import Emulator
from demo.telegram.world import ADMINS, ANN, SHOP_TEAM
from tests.doctor.patient import case, settings, told

GROUP = {"type": "supergroup", "title": "Team", "permissions": {"can_send_messages": True}}
MUTED = {**GROUP, "permissions": {"can_send_messages": False}}
CHANNEL = {"type": "channel", "title": "News"}


def judged(
    chat: Mapping[str, object], own: Mapping[str, object], *, topic: int | None = None
) -> tuple[str, str, str, str]:
    place = ChatRef(-1001, topic)
    sight = Sight(place=place, setting="ALERT_CHAT_IDS", chat=Said(chat), own=Said(own))
    return told(chats.judge(sight))


async def test_every_configured_chat_is_asked_once(emulator: Emulator, tmp_path: Path) -> None:
    changes = {"admin_chat_id": ADMINS, "alert_chat_ids": f"{SHOP_TEAM},{ADMINS}"}
    results = await chats.examine(case(tmp_path, telegram_api_url=emulator.url, **changes))
    assert [told(result)[:3] for result in results] == [
        (
            f"Chat {SHOP_TEAM}",
            "ok",
            "“Shop team” (supergroup): the bot may send there, as an admin.",
        ),
        (f"Chat {ADMINS}", "ok", "“Admins” (supergroup): the bot may send there, as an admin."),
    ]
    assert emulator.state.calls["sendmessage"] == 0


async def test_a_private_chat(emulator: Emulator, tmp_path: Path) -> None:
    examined = case(tmp_path, telegram_api_url=emulator.url, admin_chat_id=ANN)
    [result] = await chats.examine(examined)
    assert told(result)[1:3] == ("ok", "“Ann” (private): the bot may send there.")

    emulator.state.chats[ANN].bot_status = "kicked"
    [result] = await chats.examine(examined)
    assert told(result)[1:3] == (
        "broken",
        "Telegram says: Forbidden: bot was blocked by the user",
    )
    assert "press Start" in told(result)[3]


async def test_a_chat_the_bot_was_thrown_out_of(emulator: Emulator, tmp_path: Path) -> None:
    emulator.state.chats[ADMINS].bot_status = "kicked"
    [result] = await chats.examine(case(tmp_path, telegram_api_url=emulator.url))
    assert told(result)[1] == "broken"
    assert "kicked" in told(result)[2]
    assert "Add the bot" in told(result)[3]


async def test_a_chat_that_does_not_exist_stops_no_other(
    emulator: Emulator, tmp_path: Path
) -> None:
    changes = {"alert_chat_ids": "-1005", "admin_chat_id": ADMINS}
    results = await chats.examine(case(tmp_path, telegram_api_url=emulator.url, **changes))
    assert [result.verdict for result in results] == ["broken", "ok"]
    assert "chat not found" in told(results[0])[2]


async def test_a_group_that_became_a_supergroup(emulator: Emulator, tmp_path: Path) -> None:
    emulator.state.chats[ADMINS].migrated_to = -100777
    [result] = await chats.examine(case(tmp_path, telegram_api_url=emulator.url))
    assert told(result)[1] == "warning"
    assert told(result)[3] == "Write -100777 in ADMIN_CHAT_ID instead."


async def test_a_topic_needs_a_forum(emulator: Emulator, tmp_path: Path) -> None:
    changes = {"alert_chat_ids": f"{SHOP_TEAM}:17", "admin_chat_id": ADMINS}
    examined = case(tmp_path, telegram_api_url=emulator.url, **changes)
    flat, _ = await chats.examine(examined)
    assert told(flat)[:3] == (
        f"Chat {SHOP_TEAM}, topic 17",
        "broken",
        "“Shop team” has no topics.",
    )
    emulator.state.chats[SHOP_TEAM].topics = {17}
    forum, _ = await chats.examine(examined)
    assert told(forum)[1] == "ok"


async def test_without_telegram_chats_are_skipped(tmp_path: Path) -> None:
    [result] = await chats.examine(case(tmp_path))
    assert told(result)[1] == "skipped"


def test_an_unknown_token_is_no_fault_of_the_chat() -> None:
    refused = Refused(code=401, words="Unauthorized")
    sight = Sight(place=ChatRef(-1), setting="ADMIN_CHAT_ID", chat=refused, own=refused)
    assert told(chats.judge(sight))[1] == "skipped"


@pytest.mark.parametrize(
    ("chat", "own", "verdict"),
    [
        (GROUP, {"status": "member"}, "ok"),
        (GROUP, {"status": "creator"}, "ok"),
        ({"type": "group", "title": "Old"}, {"status": "member"}, "ok"),
        (MUTED, {"status": "member"}, "broken"),
        (MUTED, {"status": "administrator"}, "ok"),
        (GROUP, {"status": "left"}, "broken"),
        (GROUP, {"status": "kicked"}, "broken"),
        (
            GROUP,
            {"status": "restricted", "is_member": True, "can_send_messages": False},
            "broken",
        ),
        (GROUP, {"status": "restricted", "is_member": True, "can_send_messages": True}, "ok"),
        (
            GROUP,
            {"status": "restricted", "is_member": False, "can_send_messages": True},
            "broken",
        ),
        (CHANNEL, {"status": "administrator", "can_post_messages": True}, "ok"),
        (CHANNEL, {"status": "administrator"}, "broken"),
        (CHANNEL, {"status": "member"}, "broken"),
    ],
)
def test_the_right_to_send(
    chat: Mapping[str, object], own: Mapping[str, object], verdict: str
) -> None:
    assert judged(chat, own)[1] == verdict


def test_a_chat_named_twice_is_one(tmp_path: Path) -> None:
    made = settings(tmp_path, admin_chat_id=-1, alert_chat_ids="-1,-1:5,-2")
    assert dict(chats.places(made)) == {
        ChatRef(-1): "ADMIN_CHAT_ID",
        ChatRef(-1, 5): "ALERT_CHAT_IDS",
        ChatRef(-2): "ALERT_CHAT_IDS",
    }
