"""What came in and went out on each day, by marketplace: the breakdown of `/cash`."""

from collections.abc import Sequence

from bot.core.columns import Column, Kind
from bot.core.keyboard import Key
from bot.core.model import Row, Unreadable, phrase
from bot.core.params import Param
from bot.core.question import Asking, Command, Page
from bot.core.tabular import table_page
from bot.core.verbs import Verb
from bot.questions import cash

ON_A_PAGE = 14  # a week of two marketplaces
SPANS = (7, 30, 90)
COLUMNS = [
    Column("day", "", Kind.DATE),
    Column("marketplace", "₽", least=4),
    Column("inflow_rub", "In", Kind.MONEY),
    Column("outflow_rub", "Out", Kind.MONEY),
    Column("net_rub", "Net", Kind.MONEY),
]


def command() -> Command:
    return Command(
        name="flows",
        about="Cash flows: in, out and net by day and marketplace (7 days, or as you say)",
        read=read,
        table=rows,
        params=[Param(name="days", default=SPANS[0], low=1, high=400)],
        needs=cash.NEEDS,
        runbooks=[3],
        place=40,
        listed=False,
    )


async def read(asking: Asking) -> Page:
    found = await rows(asking)
    if not found:
        raise Unreadable(phrase("flows_nothing", days=asking.number("days")))
    page = table_page(
        asking,
        asking.commands["flows"],
        title="Cash flows",
        columns=COLUMNS,
        rows=found,
        size=ON_A_PAGE,
    )
    return Page(
        template=page.template,
        values=page.values,
        keys=[*page.keys, _spans(asking), [Key("Cash", Verb.ASK, "cash")]],
    )


async def rows(asking: Asking) -> Sequence[Row]:
    """The newest day first, up to the last balance: the same rows as those of `/cash`."""
    found = await cash.table(asking)
    days = dict.fromkeys(str(row["day"]) for row in reversed(found))
    return [row for day in days for row in found if str(row["day"]) == day]


def _spans(asking: Asking) -> list[Key]:
    """The usual spans; the one that is shown has its mark."""
    shown = asking.number("days")
    return [
        Key(f"{'• ' if span == shown else ''}{span} days", Verb.ASK, f"flows {span}")
        for span in SPANS
    ]
