"""What was, the newest first."""

from datetime import timedelta

from bot.core import todo
from bot.core.model import phrase
from bot.core.question import Asking, Command, Page, Param, WrongArguments
from bot.questions._pages import FAR, turn

SIZE = 8
ALL = "all"


def command() -> Command:
    return Command(
        name="history",
        about="Alerts of the last days (7, or as many as you say), of one check or all",
        read=read,
        params=[
            Param(name="days", default=7, low=1, high=90),
            Param(name="check", default=ALL),
            Param(name="page", default=1, low=1, high=FAR),
        ],
        place=32,
    )


async def read(asking: Asking) -> Page:
    days, check = asking.number("days"), _check(asking)
    start = asking.moment.now - timedelta(days=days)
    alerts = await asking.store.read(lambda tx: list(tx.alerts.since(start, check)))
    page = turn(asking.number("page"), total=len(alerts), size=SIZE)
    shown = page.of(alerts)
    steps = await asking.store.read(
        lambda tx: [todo.tally(tx.todos.of_alert(one.id)) for one in shown]
    )
    rows = [
        {"alert": one, "line": asking.wording.alert_line(one), "steps": counted}
        for one, counted in zip(shown, steps, strict=True)
    ]
    runbook = asking.book.runbook(check) if check else None
    values = {
        "rows": rows,
        "total": len(alerts),
        "page": page,
        "days": days,
        "now": asking.moment.now,
        "runbook": runbook,
    }
    keys = page.keys(f"history {days} {asking.args['check']}")
    return Page(template="answers/history.html.j2", values=values, keys=[keys] if keys else [])


def _check(asking: Asking) -> str | None:
    """The check that was named, with or without "check_"; None: all of them."""
    word = str(asking.args["check"]).lower()
    if word == ALL:
        return None
    short = {name.removeprefix("check_"): name for name in asking.book.known}
    named = word.removeprefix("check_")
    found = [name for one, name in short.items() if one.startswith(named)]
    exact = short.get(named) or (found[0] if len(found) == 1 else None)
    if exact is None:
        usage = asking.commands["history"].usage
        words = ", ".join([ALL, *short])
        raise WrongArguments(phrase("usage_words", usage=usage, name="check", words=words))
    return exact
