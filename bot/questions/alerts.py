"""What is open, worst first."""

from bot.core.paging import FAR, turn
from bot.core.question import Asking, Command, Page, Param
from bot.questions._states import views
from bot.questions.status import BLIND, silenced

SIZE = 8


def command() -> Command:
    return Command(
        name="alerts",
        about="What is open, worst first",
        read=read,
        params=[Param(name="page", default=1, low=1, high=FAR)],
        place=30,
    )


async def read(asking: Asking) -> Page:
    alerts = await asking.store.read(lambda tx: list(tx.alerts.open()))
    quiet = await silenced(asking, alerts)
    page = turn(asking.number("page"), total=len(alerts), size=SIZE)
    rows = [
        {
            "alert": alert,
            "line": asking.wording.alert_line(alert),
            "silence": quiet.get(alert.id),
        }
        for alert in page.of(alerts)
    ]
    values = {
        "rows": rows,
        "total": len(alerts),
        "page": page,
        # No alert is good news only from checks that see.
        "blind": sum(one.lamp in BLIND for one in await views(asking)),
    }
    keys = page.keys("alerts")
    return Page(template="answers/alerts.html.j2", values=values, keys=[keys] if keys else [])
