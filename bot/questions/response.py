"""Who answered what in which time, and what nobody answered."""

from datetime import timedelta

from bot.core.question import Asking, Command, Page, Param
from bot.questions import _past

MOST_PEOPLE = 12


def command() -> Command:
    return Command(
        name="response",
        about="Who answered alerts, and how fast (7 days, or as many as you say)",
        read=read,
        params=[Param(name="days", default=7, low=1, high=90)],
        place=73,
    )


async def read(asking: Asking) -> Page:
    days = asking.number("days")
    start = asking.moment.now - timedelta(days=days)
    found = await _past.answers(asking.store, start)
    values = {
        "days": days,
        "found": found,
        "people": found.people[:MOST_PEOPLE],
        "others": len(found.people[MOST_PEOPLE:]),
    }
    return Page(template="answers/response.html.j2", values=values)
