"""The bot is thrown out of a chat and let in again: Telegram's word is taken at once."""

from typing import Any

import pytest
from aiogram.types import Update

from bot.edges.store import SqlStore
from tests.conftest import TEAM
from tests.handlers.telegram import ME, Phone


def member(status: str, **more: object) -> dict[str, Any]:
    base: dict[str, Any] = {"status": status, "user": ME, **more}
    if status == "kicked":
        base["until_date"] = 0
    return base


async def becomes(phone: Phone, status: str, chat: int = TEAM.chat) -> None:
    update = {
        "update_id": 1,
        "my_chat_member": {
            "chat": {"id": chat, "type": "supergroup", "title": "x"},
            "from": {"id": 1, "is_bot": False, "first_name": "Ann"},
            "date": 0,
            "old_chat_member": member("member"),
            "new_chat_member": member(status),
        },
    }
    parsed = Update.model_validate(update, context={"bot": phone.bot})
    await phone.dispatcher.feed_update(phone.bot, parsed)


@pytest.mark.parametrize("status", ["kicked", "left"])
async def test_a_chat_is_given_up_and_taken_back(
    phone: Phone, store: SqlStore, status: str
) -> None:
    await becomes(phone, status)
    assert await store.read(lambda tx: dict(tx.posts.broken())) == {TEAM.chat: status}
    await becomes(phone, status)
    await becomes(phone, "member")
    assert await store.read(lambda tx: dict(tx.posts.broken())) == {}


async def test_other_peoples_groups_are_no_matter(phone: Phone, store: SqlStore) -> None:
    await becomes(phone, "kicked", chat=-99)
    assert await store.read(lambda tx: dict(tx.posts.broken())) == {}
