"""Tables and views of the shop's database, and those that are missing."""

from bot.core.columns import Column, Kind
from bot.core.keyboard import Key
from bot.core.question import Asking, Command, Page
from bot.core.verbs import Verb
from bot.questions._catalogue import needed

ROWS = Column("rows", "Rows, about", Kind.NUMBER)
SIZE = Column("size_bytes", "Size", Kind.SIZE)
MOST = 60
IN_A_ROW = 2
BUTTONS = 12


def command() -> Command:
    return Command(
        name="tables",
        about="Tables and views of the shop's database, with estimates of their rows",
        read=read,
        runbooks=[5],
        place=63,
    )


async def read(asking: Asking) -> Page:
    found = await asking.tools.shop.tables()
    tables = sorted(
        (one for one in found if not one.view), key=lambda one: (-(one.rows or 0), one.name)
    )
    views = [one for one in found if one.view]
    known = {one.name.lower() for one in found}
    sized = any(one.size_bytes is not None for one in tables)
    keys = [Key(one.name, Verb.ASK, f"schema {one.name}") for one in tables[:BUTTONS]]
    return Page(
        template="answers/tables.html.j2",
        values={
            "tables": tables[:MOST],
            "views": views[:MOST],
            "more": max(0, len(tables) - MOST) + max(0, len(views) - MOST),
            "columns": [Column("name", "Table"), ROWS, *([SIZE] if sized else [])],
            "missing": sorted(name for name in needed(asking) if name.lower() not in known),
        },
        keys=[keys[at : at + IN_A_ROW] for at in range(0, len(keys), IN_A_ROW)],
    )
