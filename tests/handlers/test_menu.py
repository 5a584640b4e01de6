"""The menu that Telegram shows: to each chat the commands of its role, and no more."""

import pytest
from aiogram.exceptions import TelegramBadRequest
from aiogram.methods import SendMessage, SetMyCommands
from aiogram.types import BotCommandScopeChat, BotCommandScopeDefault

import handlers
from bot.core.access import Access
from bot.core.question import Command
from tests.conftest import ADMINS, TEAM
from tests.handlers.telegram import ANN, BORIS, VERA, Phone

ANSWERS = {"ack", "giveback", "resolve", "note", "silence", "unsilence", "maintenance", "restart"}
EVERYTHING = {
    "status",
    "checks",
    "alerts",
    "alert",
    "history",
    "silences",
    "policy",
    "oncall",
    "response",
    "cash",
    "outliers",
    "db",
    "runbook",
    "actions",
    "run",
    "help",
    "whoami",
    "start",
}


@pytest.fixture
async def menus(
    phone: Phone, commands: dict[str, Command], access: Access
) -> dict[int | None, SetMyCommands]:
    await handlers.publish(phone.bot, commands=commands, access=access)
    found: dict[int | None, SetMyCommands] = {}
    for call in phone.session.calls:
        assert isinstance(call, SetMyCommands)
        match call.scope:
            case BotCommandScopeDefault():
                found[None] = call
            case BotCommandScopeChat(chat_id=int(chat)):
                found[chat] = call
            case _:
                raise AssertionError(call.scope)
    return found


def test_strangers_see_only_what_tells_them_whom_to_ask(
    menus: dict[int | None, SetMyCommands],
) -> None:
    assert {entry.command for entry in menus[None].commands} == {"start", "whoami"}


@pytest.mark.parametrize("chat", [VERA, TEAM.chat, ADMINS.chat])
def test_viewers_and_groups_see_all_commands_that_read(
    menus: dict[int | None, SetMyCommands], chat: int
) -> None:
    shown = {entry.command for entry in menus[chat].commands}
    assert shown >= EVERYTHING
    assert not shown & ANSWERS


@pytest.mark.parametrize("chat", [ANN, BORIS])
def test_who_may_answer_alerts_sees_how(menus: dict[int | None, SetMyCommands], chat: int) -> None:
    assert {entry.command for entry in menus[chat].commands} >= EVERYTHING | ANSWERS


def test_telegram_takes_every_entry(menus: dict[int | None, SetMyCommands]) -> None:
    for entry in menus[ANN].commands:
        assert entry.command.islower()
        assert 1 <= len(entry.command) <= 32
        assert 1 <= len(entry.description) <= 256


async def test_a_chat_that_is_not_there_yet_stops_nothing(
    phone: Phone, commands: dict[str, Command], access: Access
) -> None:
    missing = TelegramBadRequest(SendMessage(chat_id=1, text="x"), "Bad Request: chat not found")
    phone.session.refusals = [missing, missing]
    await handlers.publish(phone.bot, commands=commands, access=access)
    assert len(phone.session.calls) == 6
