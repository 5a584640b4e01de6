"""What people type: one handler for all commands, found by their names."""

from collections.abc import Mapping

from aiogram import Router
from aiogram.types import Message

from bot.core.model import Person, phrase
from bot.core.question import Command, WrongArguments, parse
from handlers.answering import Answering, place_of
from handlers.screening import Typed


def build() -> Router:
    router = Router(name="commands")
    router.message.register(asked)
    return router


async def asked(
    message: Message,
    typed: Typed,
    person: Person,
    commands: Mapping[str, Command],
    answering: Answering,
) -> None:
    place = place_of(message)
    command = commands.get(typed.name)
    if command is None:
        key = "command_unknown" if typed.name else "only_commands"
        answering.say(phrase(key, name=typed.name), place)
        return
    if not command.permits(person.role):
        answering.say(phrase("role_too_low", role=person.role, needed=command.role), place)
        return
    try:
        args = parse(command, typed.words)
    except WrongArguments as wrong:
        answering.say(wrong.why, place)
        return
    answering.command(command, args, person, place)
