"""Who is on duty now, and who is next."""

from bot.core import people
from bot.core.people import OnDuty
from bot.core.ports import Tx
from bot.core.question import Asking, Command, Page


def command() -> Command:
    return Command(name="oncall", about="Who is on duty now and next", read=read, place=71)


async def read(asking: Asking) -> Page:
    policy, now = asking.book.policy, asking.moment.now

    def look(tx: Tx) -> tuple[OnDuty, OnDuty | None, list[tuple[str, str]]]:
        current = people.on_duty(tx, policy, now)
        later = people.on_duty(tx, policy, current.until) if current.until else None
        rota = [(people.known(tx, one.person).name, str(one.hours)) for one in policy.rota]
        return current, later, rota

    current, later, rota = await asking.store.read(look)
    return Page(
        template="answers/oncall.html.j2",
        values={"current": current, "later": later, "rota": rota},
    )
