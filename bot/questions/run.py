"""One run's story."""

from bot.core.counter import FAR_AWAY
from bot.core.model import phrase
from bot.core.ports import Tx
from bot.core.question import Asking, Command, Page, Param, WrongArguments
from bot.core.records import Run

ID = Param(name="id", low=1)


def command() -> Command:
    return Command(name="run", about="One run of an action", read=read, params=[ID], place=49)


async def read(asking: Asking) -> Page:
    number = asking.number("id")

    def look(tx: Tx) -> tuple[Run, str, Run | None] | None:
        run = tx.runs.get(number) if number < FAR_AWAY else None
        if run is None:
            return None
        origin = tx.runs.get(run.origin_id) if run.origin_id else None
        return run, asking.wording.run_text(tx, run, asking.moment.now), origin

    found = await asking.store.read(look)
    if found is None:
        raise WrongArguments(phrase("run_unknown", run=number))
    run, text, origin = found
    values = {"run": run, "text": text, "origin": origin}
    return Page(template="answers/run.html.j2", values=values)
