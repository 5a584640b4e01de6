"""Columns and indexes of one table or view, and what somebody needs and it does not have."""

from difflib import get_close_matches

from bot.core.keyboard import Key
from bot.core.model import phrase
from bot.core.params import Param, WrongArguments
from bot.core.question import Asking, Command, Page
from bot.core.verbs import Verb
from bot.questions._catalogue import needed

TENANT = "org_id"
MOST = 60  # columns
TABLE = Param(name="table", pattern=r"\w{1,63}", like="daily_sales")


def command() -> Command:
    return Command(
        name="schema",
        about="Columns, types and indexes of a table or view",
        read=read,
        params=[TABLE],
        runbooks=[5],
        place=64,
    )


async def read(asking: Asking) -> Page:
    name = asking.word("table")
    schema = await asking.tools.shop.schema(name)
    if not schema.columns:
        known = [one.name for one in await asking.tools.shop.tables()]
        near = get_close_matches(name, known, n=3)
        raise WrongArguments(phrase("table_unknown", name=name, near=near))
    has = {one.name.lower() for one in schema.columns}
    wanted = needed(asking).get(name.lower(), {})
    lacking = [
        {"column": column, "who": who}
        for column, who in wanted.items()
        if column.lower() not in has
    ]
    rows = [
        {
            "name": one.name,
            "type": one.type.lower(),
            "note": "key" if one.key else "not null" if one.required else "",
        }
        for one in schema.columns
    ]
    return Page(
        template="answers/schema.html.j2",
        values={
            "name": name,
            "rows": rows[:MOST],
            "more": max(0, len(rows) - MOST),
            "indexes": schema.indexes[:MOST],
            "lacking": lacking,
            "tenants": TENANT in has,
            "needed": bool(wanted),
        },
        keys=[[Key("◀ All tables", Verb.ASK, "tables")]],
    )
