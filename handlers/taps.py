"""What people tap. The desk decides and saves; only then is Telegram told."""

from aiogram import Router
from aiogram.types import CallbackQuery

from bot.core.desk import Desk
from bot.core.model import Person, phrase
from bot.core.press import Asks, Press, Said
from bot.edges.telegram.keyboards import Tap
from handlers.answering import Answering
from handlers.place import place_of, topic_of


def build() -> Router:
    router = Router(name="taps")
    router.callback_query.register(tapped, Tap.filter())
    router.callback_query.register(strange)
    return router


async def tapped(
    query: CallbackQuery, callback_data: Tap, person: Person, desk: Desk, answering: Answering
) -> None:
    message = query.message
    if message is None:  # a message sent through inline mode belongs to no chat that we know
        await strange(query, person, desk, answering)
        return
    press = Press(
        id=query.id,
        who=person,
        chat_id=message.chat.id,
        message_id=message.message_id,
        topic_id=topic_of(message),
        token=callback_data.token,
    )
    match await desk.press(press):
        case Said() as said:
            answering.toast(query, said.text, loud=said.loud)
            if said.leaves:
                answering.left(said.leaves, place_of(message, reply=True))
            elif said.closes:
                answering.closed(said, place_of(message, reply=True))
            elif said.checks:
                answering.checked(said.checks, person, place_of(message, reply=True))
            elif said.then:
                answering.tapped(said.then, person, place_of(message, reply=True))
        case Asks() as asks:
            answering.toast(query, asks.text)
            answering.tapped(asks, person, place_of(message, reply=True))


async def strange(query: CallbackQuery, person: Person, desk: Desk, answering: Answering) -> None:
    """Answer buttons that are not ours, or of an older release: no spinner turns for ever."""
    chat_id = query.message.chat.id if query.message else person.id
    refusal = await desk.admit(person, chat_id, "press")
    if refusal is None:
        refusal = phrase("button_unknown")
        await desk.record(person, chat_id, "press", refusal)
    answering.toast(query, refusal, loud=True)
