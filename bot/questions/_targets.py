"""What a typed silence is about: an alert, a check, a subject, a severity, or everything."""

from collections.abc import Iterable

from bot.core import desk_silences
from bot.core.desk_silences import Scope
from bot.core.model import Alert, Phrase, Severity, State, phrase
from bot.core.ports import Tx
from bot.core.question import Order

EVERYTHING = "all"


def alert_number(word: str) -> int | None:
    """Read "3" or "#3"."""
    digits = word.removeprefix("#")
    return int(digits[:15]) if digits.isascii() and digits.isdigit() else None


def scope(tx: Tx, order: Order, word: str) -> Scope | Phrase:
    number = alert_number(word)
    if number is not None:
        alert = tx.alerts.get(number)
        if alert is None:
            return phrase("alert_unknown", alert=number)
        over = alert.state is State.RESOLVED
        return phrase("alert_over") if over else desk_silences.of_alert(alert)
    if word.lower() == EVERYTHING:
        return Scope(severity=_present(tx.alerts.open()))
    if word.lower() in list(Severity):
        return Scope(severity=Severity(word.lower()))
    return _of_check(tx, order, word)


def _of_check(tx: Tx, order: Order, word: str) -> Scope | Phrase:
    name, _, subject = word.partition(":")
    check = _one(name.removeprefix("check_"), {_short(one): one for one in order.book.known})
    if check is None:
        known = ", ".join(_short(one) for one in order.book.known)
        return phrase("check_unknown_name", name=name, known=known)
    alerts = tx.alerts.open(check)
    if not subject:
        return Scope(check=check, severity=_present(alerts))
    state = tx.checks.get(check)
    readings = [one.subject for one in state.readings] if state else []
    subjects = {one: one for one in (*(alert.subject for alert in alerts), *readings)}
    exact = _one(subject, subjects)
    if exact is None:
        known = ", ".join(one.replace(" ", "_") for one in subjects)
        return phrase("subject_unknown", name=subject, known=known)
    its = [alert for alert in alerts if alert.subject == exact]
    return Scope(check=check, subject=exact, severity=_present(its))


def _present(alerts: Iterable[Alert]) -> Severity:
    """As bad as it is now, and at least a warning: what gets worse must ring."""
    found = [Severity.WARNING, *(alert.severity for alert in alerts)]
    return max(found, key=lambda severity: severity.rank)


def _one(word: str, known: dict[str, str]) -> str | None:
    """The only thing whose name is, or begins with, this word."""
    wanted = _bare(word)
    exact = [one for name, one in known.items() if _bare(name) == wanted]
    begins = [one for name, one in known.items() if wanted and _bare(name).startswith(wanted)]
    found = exact or begins
    return found[0] if len(found) == 1 else None


def _bare(name: str) -> str:
    return "".join(sign for sign in name.lower() if sign.isalnum())


def _short(check: str) -> str:
    return check.removeprefix("check_")
