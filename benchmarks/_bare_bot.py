"""The least a bot made with aiogram can be: what the assistant is compared with.

Like the assistant it answers /whoami with a message and a tap with a toast, and nothing else.
Its card is as large as one of the assistant's: Telegram sends it along with every tap.
With `ONE_AT_A_TIME` an update is confirmed only after its handler, as the assistant does, so
that none is lost in a crash; aiogram's own way is to confirm first and handle all at once.
"""

import asyncio
import os

from aiogram import Bot, Dispatcher
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.enums import ParseMode
from aiogram.filters import Command
from aiogram.types import CallbackQuery, InlineKeyboardButton, InlineKeyboardMarkup, Message

CARD = """🟥 <b>The web API cannot be reached.</b>
http://127.0.0.1:8000 refused the connection.

Since <b>14:25</b> · <i>nobody has taken it</i>
Respond by <b>14:40</b>, else it is escalated."""
ROWS = (("Clear cache",), ("Acknowledge", "Silence 1h"), ("Diagnose", "Runbook"))


async def start(message: Message) -> None:
    rows = [[InlineKeyboardButton(text=t, callback_data=f"a1:{t:-<22}") for t in r] for r in ROWS]
    markup = InlineKeyboardMarkup(inline_keyboard=rows)
    await message.answer(CARD, reply_markup=markup, parse_mode=ParseMode.HTML)


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
    await dispatcher.start_polling(
        Bot(os.environ["BOT_TOKEN"], session=session),
        handle_as_tasks="ONE_AT_A_TIME" not in os.environ,
    )


if __name__ == "__main__":
    asyncio.run(main())
