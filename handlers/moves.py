"""Groups that become supergroups get another id, and everything of theirs with them."""

from typing import Any

from aiogram import Router
from aiogram.filters import Filter
from aiogram.types import Message

from bot.core.desk import Desk


class Moves(Filter):
    async def __call__(self, message: Message) -> bool | dict[str, Any]:
        new = message.migrate_to_chat_id
        return {"new_id": new} if new is not None else False


def build() -> Router:
    router = Router(name="moves")
    router.message.register(moved, Moves())
    return router


async def moved(message: Message, new_id: int, desk: Desk) -> None:
    await desk.moved(message.chat.id, new_id)
