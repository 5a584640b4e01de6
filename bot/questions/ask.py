"""All questions by runbook; one of them by its name."""

from bot.core import asking as through
from bot.core.keyboard import Key
from bot.core.model import phrase
from bot.core.params import Param, WrongArguments, parse
from bot.core.question import Asking, Command, Page
from bot.core.verbs import Verb

IN_A_ROW = 2


def command() -> Command:
    return Command(
        name="ask",
        about="All questions by runbook; one by its name, with arguments",
        read=read,
        params=[Param(name="question", default=""), Param(name="args", default="", rest=True)],
        place=65,
    )


async def read(asking: Asking) -> Page:
    name = asking.word("question")
    if not name:
        return _runbooks(asking)
    if name.isascii() and name.isdigit():
        return _of_runbook(asking, int(name[:9]))
    found = through.find(asking, name)
    return await through.answer(found, through.told(asking, found, asking.word("args")))


def _mine(asking: Asking, runbook: int) -> list[Command]:
    return [
        one
        for one in through.questions(asking.commands).values()
        if one.permits(asking.who.role)
        and (runbook in one.runbooks or (runbook == 0 and not one.runbooks))
    ]


def _titles(asking: Asking) -> dict[int, str]:
    """The runbooks that have questions; 0 is for those of no runbook."""
    numbered = {one.number: one.title for one in asking.book.runbooks.values()}
    titles = {**dict(sorted(numbered.items())), 0: ""}
    return {number: title for number, title in titles.items() if _mine(asking, number)}


def _runbooks(asking: Asking) -> Page:
    titles = _titles(asking)
    counts = {number: len(_mine(asking, number)) for number in titles}
    keys = [
        Key(f"{number} · {title}" if number else "Others", Verb.ASK, f"ask {number}")
        for number, title in titles.items()
    ]
    return Page(
        template="answers/ask.html.j2",
        values={"number": None, "titles": titles, "counts": counts, "questions": []},
        keys=[keys[at : at + IN_A_ROW] for at in range(0, len(keys), IN_A_ROW)],
    )


def _of_runbook(asking: Asking, number: int) -> Page:
    titles = _titles(asking)
    if number not in titles:
        usage = asking.commands["ask"].usage
        raise WrongArguments(
            phrase("usage_number", usage=usage, name="runbook", low=0, high=max(titles, default=0))
        )
    mine = _mine(asking, number)
    keys = [Key(f"/{one.name}", Verb.ASK, f"ask {one.name}") for one in mine if _needs_none(one)]
    rows = [keys[at : at + IN_A_ROW] for at in range(0, len(keys), IN_A_ROW)]
    return Page(
        template="answers/ask.html.j2",
        values={"number": number, "titles": titles, "counts": {}, "questions": mine},
        keys=[*rows, [Key("◀ All runbooks", Verb.ASK, "ask")]],
    )


def _needs_none(command: Command) -> bool:
    """Whether a button can ask it: nothing must be said."""
    try:
        parse(command, [])
    except WrongArguments:
        return False
    return True
