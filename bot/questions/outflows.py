"""Days on which much money went out, by marketplace."""

from bot.core.columns import Column, Kind
from bot.core.keyboard import Key
from bot.core.params import Param
from bot.core.question import Asking, Command
from bot.core.tabular import tabular
from bot.core.verbs import Verb

STEPS = (5_000, 20_000, 50_000)


def command() -> Command:
    return tabular(
        name="outflows",
        about="Large outflows: days and marketplaces over an amount (5 000 ₽, or as you say)",
        title="Large outflows",
        sql="answers/outflows.sql.j2",
        columns=[
            Column("day", "Day", Kind.DATE),
            Column("marketplace", ""),
            Column("outflow_rub", "Out, ₽", Kind.MONEY),
            Column("net_rub", "Net, ₽", Kind.MONEY),
        ],
        params=[
            Param(name="over", default=STEPS[0], low=0, high=1_000_000_000),
            Param(name="days", default=90, low=1, high=400),
        ],
        needs={"cashflow_daily": ["d", "marketplace", "outflow", "net"]},
        runbooks=[3],
        beside=steps,
        place=41,
        listed=True,
    )


def steps(asking: Asking) -> list[Key]:
    """The usual amounts; the one that is shown has its mark."""
    over, days = asking.number("over"), asking.number("days")
    return [
        Key(
            f"{'• ' if step == over else ''}over {step // 1000}k",
            Verb.ASK,
            f"outflows {step} {days}",
        )
        for step in STEPS
    ]
