"""The bot is thrown out of a chat, or let in again: Telegram says so at once."""

from aiogram import Router
from aiogram.enums import ChatMemberStatus
from aiogram.types import ChatMemberRestricted, ChatMemberUpdated, ResultChatMemberUnion

from bot.core import reach
from bot.core.desk import Desk
from bot.core.ports import Tx
from handlers.answering import Answering

OUT = (ChatMemberStatus.KICKED, ChatMemberStatus.LEFT)


def build() -> Router:
    router = Router(name="membership")
    router.my_chat_member.register(changed)
    return router


async def changed(update: ChatMemberUpdated, answering: Answering, desk: Desk) -> None:
    now, policy = answering.clock(), answering.book.policy
    chat_id, member = update.chat.id, update.new_chat_member

    def save(tx: Tx) -> bool:
        if may_write(member):
            return reach.mended(tx, policy, chat_id, now)
        return reach.broke(tx, policy, chat_id, str(member.status), now)

    if await answering.store.write(save):
        desk.wake()


def may_write(member: ResultChatMemberUnion) -> bool:
    if isinstance(member, ChatMemberRestricted):
        return member.is_member and member.can_send_messages
    return member.status not in OUT
