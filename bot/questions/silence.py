"""No notices of something for a while: by alert, check, subject, severity, or of everything."""

from bot.core import desk_silences, quiet
from bot.core.desk_silences import CHOICES
from bot.core.keyboard import Key, Keys, may_end
from bot.core.model import Alert, Phrase, Role, State, Unreadable, phrase
from bot.core.policy import Policy
from bot.core.ports import Tx
from bot.core.press import Said
from bot.core.question import Asking, Command, Order, Page, Param, Wording
from bot.core.records import Silence
from bot.core.verbs import Verb
from bot.questions._orders import hand
from bot.questions._targets import alert_number, scope

MENU = "menu"  # no length was given: offer some
LABELS = {"15m": "15 min", "1h": "1 h", "4h": "4 h"}


def command() -> Command:
    return Command(
        name="silence",
        about="No notices of an alert, a check or all, for a while",
        read=read,
        act=act,
        params=[
            Param(name="what"),
            Param(name="time", default=MENU),
            Param(name="why", default="", rest=True),
        ],
        role=Role.MANAGER,
        place=38,
    )


async def read(asking: Asking) -> Page:
    """Offer the lengths for one alert, or the end of the silence that it has."""
    number = alert_number(str(asking.args["what"])) or 0
    now, policy = asking.moment.now, asking.book.policy

    def look(tx: Tx) -> tuple[Alert | None, Silence | None]:
        alert = tx.alerts.get(number)
        return alert, quiet.of(tx, policy, alert, now) if alert else None

    alert, silence = await asking.store.read(look)
    if alert is None or alert.state is State.RESOLVED:
        raise Unreadable(phrase("alert_over"))
    return menu(policy, asking.wording, alert, silence)


def act(tx: Tx, order: Order) -> Page | Phrase:
    what = scope(tx, order, order.word("what"))
    if isinstance(what, Phrase):
        return what
    policy, number = order.book.policy, alert_number(order.word("what"))
    alert = tx.alerts.get(number) if number is not None else None
    if alert is not None and order.word("time") == MENU:
        return menu(policy, order.wording, alert, quiet.of(tx, policy, alert, order.now))
    until = desk_silences.end_of(order.word("time"), policy, order.now)
    if until is None:
        return phrase("silence_how_long", usage=order.usage)
    made = desk_silences.begin(hand(tx, order), what, until, order.word("why"))
    if isinstance(made, Said):
        return made.text
    runbook = order.book.runbook(made.check) if made.check else None
    then = f"silence {alert.id}" if alert else "silences"
    return Page(
        template="answers/silence.html.j2",
        values={"made": made, "runbook": runbook, "alert": alert, "offered": False},
        keys=[[Key("End silence", Verb.UNSILENCE, f"{made.id} {then}")]],
    )


def menu(policy: Policy, wording: Wording, alert: Alert, silence: Silence | None) -> Page:
    return Page(
        template="answers/silence.html.j2",
        values={
            "made": silence,
            "runbook": None,
            "alert": alert,
            "line": wording.alert_line(alert),
            "offered": True,
        },
        keys=_keys(policy, alert, silence),
    )


def _keys(policy: Policy, alert: Alert, silence: Silence | None) -> Keys:
    then = f"silence {alert.id}"
    if silence is not None:
        ends = [Key("End silence", Verb.UNSILENCE, f"{silence.id} {then}")]
        return [ends] if may_end(silence) else []
    labels = {**LABELS, "morning": f"Until {policy.morning:%H:%M}"}
    keys = [Key(labels[one], Verb.SILENCE, f"{alert.id} {one} {then}") for one in CHOICES]
    return [keys[:3], [*keys[3:], Key("Cancel", Verb.CLOSE)]]
