"""What does not ring now: who wanted it, why, until when, and what was not told meanwhile."""

from bot.core import quiet
from bot.core.keyboard import Key
from bot.core.paging import FAR, turn
from bot.core.question import Asking, Command, Page, Param
from bot.core.verbs import Verb

SIZE, IN_A_ROW = 6, 3


def command() -> Command:
    return Command(
        name="silences",
        about="What does not ring, who wanted it, until when",
        read=read,
        params=[Param(name="page", default=1, low=1, high=FAR)],
        place=33,
    )


async def read(asking: Asking) -> Page:
    now, policy = asking.moment.now, asking.book.policy
    active = await asking.store.read(lambda tx: quiet.active(tx, policy, now))
    page = turn(asking.number("page"), total=len(active), size=SIZE)
    rows = [
        {"one": one, "runbook": asking.book.runbook(one.check) if one.check else None}
        for one in page.of(active)
    ]
    ends = [
        Key(f"End S{one.id}", Verb.UNSILENCE, f"{one.id} silences {page.number}")
        for one in page.of(active)
        if one.id != quiet.PLANNED
    ]
    keys = [ends[at : at + IN_A_ROW] for at in range(0, len(ends), IN_A_ROW)]
    turns = page.keys("silences")
    return Page(
        template="answers/silences.html.j2",
        values={"rows": rows, "total": len(active), "page": page, "hours": policy.quiet_hours},
        keys=[*keys, turns] if turns else keys,
    )
