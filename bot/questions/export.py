"""The whole result of a question as a file, read anew; nothing else can be exported."""

from bot.core import asking as through
from bot.core.model import Unreadable, phrase
from bot.core.params import Param, WrongArguments
from bot.core.question import Asking, Command, Page, Sheet, Table
from bot.core.tabular import IN_A_FILE

FORMATS = {kind.value for kind in Sheet}


def command() -> Command:
    return Command(
        name="export",
        about="A question's whole table as a file: /export [csv] <question> [args]",
        read=read,
        params=[
            Param(name="question"),
            Param(name="args", default="", rest=True),
        ],
        place=66,
    )


async def read(asking: Asking) -> Page:
    name, words = asking.word("question"), asking.word("args")
    sheet = Sheet.XLSX
    if name.lower() in FORMATS:
        sheet = Sheet(name.lower())
        name, _, words = words.partition(" ")
        if not name:
            usage = asking.commands["export"].usage
            raise WrongArguments(phrase("usage_missing", usage=usage, name="question"))
    found = through.find(asking, name)
    if found.table is None:
        raise Unreadable(phrase("question_without_table", name=found.name))
    told = through.told(asking, found, words)
    rows = await found.table(told)
    if not rows:
        raise Unreadable(phrase("question_empty", name=found.name))
    said = [str(value) for value in told.args.values() if value != ""]
    return Page(
        template="answers/export.html.j2",
        values={"about": found.about, "name": found.name, "said": said, "rows": len(rows)}
        | {"cut": len(rows) >= IN_A_FILE},
        table=Table(
            name="-".join([found.name, *map(safe, said), asking.moment.today.isoformat()]),
            rows=rows,
            sheet=sheet,
        ),
    )


def safe(word: str) -> str:
    """A part of a file's name: letters and digits of any language."""
    return "".join(sign if sign.isalnum() else "_" for sign in word)[:30]
