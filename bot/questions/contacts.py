"""Whom to call: the admins, who is on duty, and those that the settings name."""

from bot.core import people
from bot.core.model import Person
from bot.core.people import OnDuty
from bot.core.ports import Tx
from bot.core.question import Asking, Command, Page


def command() -> Command:
    return Command(name="contacts", about="Whom to call when it burns", read=read, place=72)


async def read(asking: Asking) -> Page:
    return Page(template="answers/contacts.html.j2", values=await values(asking))


async def values(asking: Asking) -> dict[str, object]:
    """What the page shows, also as the last one of a runbook."""
    policy, now = asking.book.policy, asking.moment.now

    def look(tx: Tx) -> tuple[list[Person], OnDuty | None]:
        admins = [people.known(tx, one) for one in sorted(asking.access.admins)]
        return admins, people.on_duty(tx, policy, now) if policy.rota else None

    admins, duty = await asking.store.read(look)
    return {"admins": admins, "duty": duty, "contacts": policy.contacts}
