"""What people type: one handler for all commands, found by their names."""

from collections.abc import Mapping

from aiogram import Router
from aiogram.filters import Filter
from aiogram.types import Message

from bot.core.desk import Desk
from bot.core.model import Person, phrase
from bot.core.question import Command, WrongArguments, parse
from handlers.answering import Answering
from handlers.place import place_of
from handlers.screening import Remark, Typed


def build() -> Router:
    router = Router(name="commands")
    router.message.register(remarked, Remarks())
    router.message.register(asked)
    return router


class Remarks(Filter):
    async def __call__(self, _message: Message, remark: Remark | None = None) -> bool:
        return remark is not None


async def remarked(
    message: Message, remark: Remark, person: Person, desk: Desk, answering: Answering
) -> None:
    """Keep a reply to a card as a note; anything else between people is not ours."""
    said = await desk.remark(
        person,
        chat_id=message.chat.id,
        to=remark.to,
        message_id=message.message_id,
        text=remark.text,
    )
    if said is None:
        if message.chat.id > 0:  # in private every word is for us
            answering.say(phrase("only_commands"), place_of(message))
    elif said.text.key != "role_too_low" or message.chat.id > 0:  # in a group they just talk
        answering.noted(said, place_of(message), message.message_id)


async def asked(  # noqa: PLR0913, PLR0917  # aiogram names what a handler needs
    message: Message,
    typed: Typed,
    person: Person,
    commands: Mapping[str, Command],
    desk: Desk,
    answering: Answering,
) -> None:
    place = place_of(message)
    command = commands.get(typed.name)
    if command is None:
        key = "command_unknown" if typed.name else "only_commands"
        answering.say(phrase(key, name=typed.name), place)
        return
    if not command.permits(person.role):
        refusal = phrase("role_too_low", role=person.role, needed=command.role)
        await desk.record(person, message.chat.id, f"/{command.name}", refusal)
        answering.say(refusal, place)
        return
    try:
        args = parse(command, typed.words)
    except WrongArguments as wrong:
        answering.say(wrong.why, place)
        return
    if not command.changes_with(args):
        answering.command(command, args, person, place)
        return
    # Saved before Telegram is told that the message was taken.
    outcome = await desk.order(command, answering.order(command, args, person, message))
    answering.done(outcome, place)
