"""What was, the newest first."""

from datetime import timedelta

from bot.core import todo
from bot.core.model import Alert, phrase
from bot.core.paging import FAR, Turn, turn
from bot.core.ports import Tx
from bot.core.question import Asking, Command, Page, Param, WrongArguments
from bot.core.todo import Tally

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

    def look(tx: Tx) -> tuple[int, Turn, list[tuple[Alert, Tally | None]]]:
        """One page of them: after a storm there may be very many."""
        total = tx.alerts.count_since(start, check)
        page = turn(asking.number("page"), total=total, size=SIZE)
        shown = tx.alerts.since(start, check, most=SIZE, skip=page.skip)
        return total, page, [(one, todo.tally(tx.todos.of_alert(one.id))) for one in shown]

    total, page, found = await asking.store.read(look)
    rows = [
        {"alert": one, "line": asking.wording.alert_line(one), "steps": counted}
        for one, counted in found
    ]
    runbook = asking.book.runbook(check) if check else None
    values = {
        "rows": rows,
        "total": total,
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
