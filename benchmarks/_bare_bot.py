"""The least a bot made with aiogram can be: what the assistant is compared with.

Like the assistant it answers /whoami with a message and a tap with a toast, and nothing else.
"""

import asyncio
import os

from aiogram import Bot, Dispatcher
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.filters import Command
from aiogram.types import CallbackQuery, InlineKeyboardButton, InlineKeyboardMarkup, Message

BUTTON = InlineKeyboardButton(text="Acknowledge", callback_data="acknowledge")


async def start(message: Message) -> None:
    markup = InlineKeyboardMarkup(inline_keyboard=[[BUTTON]])
    await message.answer("Something is wrong.", reply_markup=markup)


async def whoami(message: Message) -> None:
    await message.answer("You are Ann, admin.")


async def tapped(query: CallbackQuery) -> None:
    await query.answer("Taken.")


async def main() -> None:
    session = AiohttpSession(api=TelegramAPIServer.from_base(os.environ["TELEGRAM_API_URL"]))
    dispatcher = Dispatcher(disable_fsm=True)
    dispatcher.message.register(start, Command("start"))
    dispatcher.message.register(whoami, Command("whoami"))
    dispatcher.callback_query.register(tapped)
    await dispatcher.start_polling(Bot(os.environ["BOT_TOKEN"], session=session))


if __name__ == "__main__":
    asyncio.run(main())
