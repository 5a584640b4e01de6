"""Who Telegram says you are: what an admin needs to let you in."""

from bot.core.question import Asking, Command, Page


def command() -> Command:
    return Command(
        name="whoami",
        about="Your id, your role, this chat's id",
        read=read,
        stranger=True,
        place=90,
    )


async def read(asking: Asking) -> Page:
    values = {"who": asking.who, "chat_id": asking.chat_id}
    return Page(template="answers/whoami.html.j2", values=values)
