"""The files of archived sales, and whether they are whole."""

from bot.core.question import Asking, Command, Page
from bot.questions._doing import doing

MOST = 6
RESTORE = "remediate_restore_archive"


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
    keys = [
        doing(asking, RESTORE, one.name, label=f"Restore {one.first} – {one.before}")
        for one in shown
        if one.whole
    ]
    values = {"shelf": shelf, "files": shown, "more": len(shelf.files) - len(shown)}
    return Page(
        template="answers/archives.html.j2", values=values, keys=[row for row in keys if row]
    )
