"""The files of archived sales, and whether they are whole."""

from bot.core.keyboard import Colour, Key
from bot.core.model import Role
from bot.core.question import Asking, Command, Page
from bot.core.verbs import Verb

MOST = 6


def command() -> Command:
    return Command(
        name="archives",
        about="Files of archived sales: rows, days, size, checksum",
        read=read,
        place=68,
        runbooks=[5],
    )


async def read(asking: Asking) -> Page:
    shelf = await asking.tools.archives.shelf()
    shown = shelf.files[:MOST]
    may = asking.shows_for is Role.ADMIN
    keys = [
        [
            Key(
                f"Restore {one.first} – {one.before}",
                Verb.DO,
                f"remediate_restore_archive {one.name}",
                Colour.DANGER,
            )
        ]
        for one in shown
        if may and one.whole
    ]
    values = {"shelf": shelf, "files": shown, "more": len(shelf.files) - len(shown)}
    return Page(template="answers/archives.html.j2", values=values, keys=keys)
