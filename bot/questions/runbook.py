"""The runbooks: what to look for, what to do."""

from bot.core.keyboard import Key
from bot.core.model import phrase
from bot.core.question import Asking, Command, Page, Param, WrongArguments
from bot.core.verbs import Verb
from bot.questions._states import view, views

LIST = 0
IN_A_ROW = 2


def command() -> Command:
    return Command(
        name="runbook",
        about="What to do about each trouble",
        read=read,
        params=[Param(name="n", default=LIST, low=1)],
        place=70,
    )


async def read(asking: Asking) -> Page:
    number = asking.number("n")
    return await _list(asking) if number == LIST else await _one(asking, number)


async def _list(asking: Asking) -> Page:
    checks = await views(asking)
    keys = [
        Key(
            f"{one.runbook.number} · {one.runbook.title}",
            Verb.ASK,
            f"runbook {one.runbook.number}",
        )
        for one in checks
    ]
    rows = [keys[at : at + IN_A_ROW] for at in range(0, len(keys), IN_A_ROW)]
    return Page(template="answers/runbooks.html.j2", values={"checks": checks}, keys=rows)


async def _one(asking: Asking, number: int) -> Page:
    numbered = {runbook.number: runbook for runbook in asking.book.runbooks.values()}
    if number not in numbered:
        usage = asking.commands["runbook"].usage
        raise WrongArguments(
            phrase("usage_number", usage=usage, name="n", low=1, high=max(numbered))
        )
    runbook = numbered[number]
    state = await asking.store.read(lambda tx: tx.checks.get(runbook.name))
    return Page(
        template="answers/runbook.html.j2",
        values={
            "page": f"{runbook.folder}/runbook.html.j2",
            "check": view(asking, runbook, state),
        },
        keys=[[Key("All runbooks", Verb.ASK, "runbook")]],
    )
