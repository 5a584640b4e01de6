"""The jobs that say when they ran: when they last did, and when they should again."""

from bot.core import beats
from bot.core.paging import FAR, turn
from bot.core.ports import Tx
from bot.core.question import Asking, Command, Page, Param

SIZE = 10


def command() -> Command:
    return Command(
        name="beats",
        about="Heartbeats of jobs: last heard, next due",
        read=read,
        params=[Param(name="page", default=1, low=1, high=FAR)],
        place=74,
    )


async def read(asking: Asking) -> Page:
    plans, now = asking.book.beats, asking.moment.now

    def look(tx: Tx) -> list[beats.Outlook]:
        return beats.judge_all(plans, tx.beats.all(), now)

    found = await asking.store.read(look)
    rows = sorted(found, key=lambda one: (one.kind is None, one.job))
    page = turn(asking.number("page"), total=len(rows), size=SIZE)
    turns = page.keys("beats")
    return Page(
        template="answers/beats.html.j2",
        values={"rows": page.of(rows), "page": page},
        keys=[turns] if turns else [],
    )
