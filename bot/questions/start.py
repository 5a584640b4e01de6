"""The first words: who you are, what you may do, what to try."""

from bot.core.question import Asking, Command, Page


def command() -> Command:
    return Command(
        name="start", about="Who you are and what to try", read=read, stranger=True, place=95
    )


async def read(asking: Asking) -> Page:
    values = {"who": asking.who, "chat_id": asking.chat_id}
    return Page(template="answers/start.html.j2", values=values)
