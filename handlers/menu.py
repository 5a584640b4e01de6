"""The menu of commands that Telegram shows, by chat and role."""

import logging
from collections.abc import Iterator, Mapping

from aiogram import Bot
from aiogram.exceptions import ClientDecodeError, TelegramAPIError
from aiogram.types import (
    BotCommand,
    BotCommandScopeChat,
    BotCommandScopeDefault,
    BotCommandScopeUnion,
)

from bot.core.access import Access
from bot.core.model import Role
from bot.core.question import Command

log = logging.getLogger(__name__)


async def publish(bot: Bot, *, commands: Mapping[str, Command], access: Access) -> None:
    """Show strangers two commands and everybody else their own.

    A refusal is never fatal: who has not written to us yet has no chat to set a menu for.
    """
    for scope, role in scopes(access):
        menu = entries(commands, role)
        try:
            await bot.set_my_commands(menu, scope=scope)
        except (TelegramAPIError, ClientDecodeError) as error:
            chat = getattr(scope, "chat_id", None)
            log.info("menu not set", extra={"chat": chat, "error": type(error).__name__})


def scopes(access: Access) -> Iterator[tuple[BotCommandScopeUnion, Role | None]]:
    yield BotCommandScopeDefault(), None
    for person in sorted({*access.admins, *access.managers, *access.viewers}):
        yield BotCommandScopeChat(chat_id=person), access.role(person)
    for chat in sorted(access.chats):
        if chat < 0:  # a group; a private chat has its owner's id and role
            yield BotCommandScopeChat(chat_id=chat), Role.VIEWER


def entries(commands: Mapping[str, Command], role: Role | None) -> list[BotCommand]:
    return [
        BotCommand(command=one.name, description=one.about)
        for one in commands.values()
        if one.listed and one.permits(role)
    ]
