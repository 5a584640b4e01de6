"""The runbooks: signs, diagnosis, steps with their buttons, prevention, contacts, in pages."""

from bot.core import guide
from bot.core.keyboard import Key
from bot.core.model import Alert, Phrase, phrase
from bot.core.ports import Tx
from bot.core.question import Asking, Command, Page, Param
from bot.core.runbook import Runbook
from bot.core.verbs import Verb
from bot.questions import _runbook_keys, contacts
from bot.questions._states import view, views

LIST = 0
IN_A_ROW = 2


def command() -> Command:
    return Command(
        name="runbook",
        about="What to do about each trouble, and what was done of it",
        read=read,
        params=[
            Param(name="n", default=LIST, low=LIST),
            Param(name="page", default=guide.PAGES[0], words=guide.PAGES),
            Param(name="alert", default=0, low=0),
        ],
        place=70,
    )


async def read(asking: Asking) -> Page:
    number = asking.number("n")
    return await _list(asking) if number == LIST else await _one(asking, number)


async def _list(asking: Asking) -> Page:
    checks = await views(asking)

    def look(tx: Tx) -> dict[str, list[Alert]]:
        return {
            one.runbook.name: guide.open_of(tx, asking.book, one.runbook.number) for one in checks
        }

    keys = [
        Key(
            f"{one.runbook.number} · {one.runbook.title}",
            Verb.ASK,
            f"runbook {one.runbook.number}",
        )
        for one in checks
    ]
    return Page(
        template="answers/runbooks.html.j2",
        values={"checks": checks, "open": await asking.store.read(look)},
        keys=[keys[at : at + IN_A_ROW] for at in range(0, len(keys), IN_A_ROW)],
    )


async def _one(asking: Asking, number: int) -> Page:
    runbook, alerts = await guide.find(asking, number, asking.number("alert"))
    alert = alerts[0] if alerts else None
    name = asking.word("page")
    lines = await guide.lines(asking, runbook, alert)
    shown = lines.get(name, [])
    state = await asking.store.read(lambda tx: tx.checks.get(runbook.name))
    values: dict[str, object] = {
        "runbook": runbook,
        "about": asking.wording.guide(runbook, "about"),
        "page": name,
        "lines": shown,
        "alert": alert,
        "alert_line": asking.wording.alert_line(alert) if alert else None,
        "open_ones": len(alerts),
        "now": asking.moment.now,
        "steps": guide.done(lines),
        "check": view(asking, runbook, state),
        "unautomatic": _unautomatic(asking, runbook),
        **(await contacts.values(asking) if name == guide.CONTACTS else {}),
    }
    keys = _runbook_keys.of_page(asking, runbook, shown, alerts, name)
    return Page(template="answers/runbook.html.j2", values=values, keys=keys)


def _unautomatic(asking: Asking, runbook: Runbook) -> Phrase | None:
    """That nothing of it starts by itself, although its lines say so."""
    off = runbook.automatic is not None and not asking.book.policy.automatic
    return phrase("automatic_off") if off else None
