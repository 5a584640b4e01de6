"""What can be done, who may, and when it was last done."""

from collections.abc import Sequence

from bot.core.keyboard import Colour, Key
from bot.core.paging import FAR, turn
from bot.core.ports import Tx
from bot.core.question import Asking, Command, Page, Param
from bot.core.runbook import Remediation
from bot.core.verbs import Verb

SIZE = 8


def command() -> Command:
    return Command(
        name="actions",
        about="What can be done, and when it was last done",
        read=read,
        params=[Param(name="page", default=1, low=1, high=FAR)],
        place=48,
    )


async def read(asking: Asking) -> Page:
    """List what starts directly; what belongs to an alert or undoes something is left out."""
    actions = sorted(
        (one for one in asking.book.remediations.values() if one.direct),
        key=lambda one: one.label.lower(),
    )
    page = turn(asking.number("page"), total=len(actions), size=SIZE)
    shown = page.of(actions)

    def last(tx: Tx) -> list[dict[str, object]]:
        return [{"action": one, "last": tx.runs.last_of(one.name)} for one in shown]

    rows = await asking.store.read(last)
    values = {"rows": rows, "page": page, "total": len(actions), "now": asking.moment.now}
    keys = [*_buttons(asking, shown), page.keys("actions")]
    return Page(
        template="answers/actions.html.j2", values=values, keys=[row for row in keys if row]
    )


def _buttons(asking: Asking, actions: Sequence[Remediation]) -> list[list[Key]]:
    """Two in a row; only what the chat may do, though the tap is checked anew."""
    keys = [
        Key(one.label, Verb.DO, one.name, Colour.DANGER)
        for one in actions
        if one.asks_nothing and not one.needs_alert and asking.offers(one.role)
    ]
    return [keys[at : at + 2] for at in range(0, len(keys), 2)]
