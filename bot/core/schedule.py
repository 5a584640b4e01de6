"""What a scheduled thing does: read first, then change something, in one transaction.

That transaction also settles the due time. So a process that is killed in between has done
nothing, and does it after the start; what was done is never done again.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.core import asking as through
from bot.core import automatic, reports
from bot.core.job import Arg
from bot.core.keyboard import Key
from bot.core.model import Person, Phrase, Role, phrase
from bot.core.params import parse
from bot.core.planned import DONE, Result, Told, Turn
from bot.core.policy import Chat, Policy
from bot.core.ports import Tx
from bot.core.question import Asking, Page

SYSTEM = Person(id=0, name="SoVAni Ops", role=Role.ADMIN)


class NotNow(Exception):  # noqa: N818  # an outcome: it is tried again in a while
    """It cannot be done at this moment; the phrase says why."""

    def __init__(self, why: Phrase) -> None:
        super().__init__(f"{why.key} {dict(why.values)}")
        self.why = why


Deed = Callable[[Tx, datetime], Told]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scheduled:
    """One file of `bot/schedules/`. `when` is the default: a cron line, a period, or `off`.

    `work` reads what it needs and returns the deed; it raises `Unreadable` where it cannot. `now`
    is a button with a guard of its own; without one, *Run now* has a manager start it at once.
    """

    name: str
    title: str
    about: str
    when: str
    work: Callable[[Asking, Turn], Awaitable[Deed]]
    now: Key | None = None


def told(result: Result, why: Phrase, until: datetime | None = None) -> Deed:
    """Nothing is done, and why."""
    return lambda _tx, _now: Told(result=result, why=why, until=until)


def skipped(why: Phrase) -> Deed:
    return told(Result.SKIPPED, why)


async def answer(asking: Asking, text: str) -> Page:
    """The page that this command would answer."""
    name, *words = text.split()
    command = asking.commands[name]
    return await through.answer(command, replace(asking, args=parse(command, words)))


def posted(asking: Asking, turn: Turn, page: Page, *, admins: bool = False) -> Deed:
    """Show a page in the alert chats, or to the admins; once for each due time."""
    text = asking.wording.page_text(page)
    policy = asking.book.policy
    places: list[Chat] = [policy.admin_chat] if admins else list(policy.alert_chats)

    def deed(tx: Tx, now: datetime) -> Told:
        for place in places:
            reports.post(tx, place, page, text, turn.key, now)
        return DONE

    return deed


def action(asking: Asking, key: str, name: str, args: Mapping[str, Arg] | None = None) -> Deed:
    """Start an action by itself, once for this key, as far as the policy lets it."""
    rules, remediation = asking.book.policy, asking.book.remediations[name]
    now = asking.moment.now
    if remediation.disruptive and (opens := opening(rules, now)) != now:
        why = phrase("schedule_window", at=opens.isoformat())
        return told(Result.WAITS, why, opens)

    def deed(tx: Tx, at: datetime) -> Told:
        why = automatic.obstacle(tx, rules, remediation, at)
        if why is not None and not rules.automatic:
            return Told(result=Result.SKIPPED, why=why)
        if why is not None:
            raise NotNow(why)
        run = automatic.start(tx, rules, remediation, at, key=key, by=SYSTEM.name, args=args)
        if run is None:
            raise NotNow(phrase("schedule_busy", action=remediation.label))
        return Told(result=Result.DONE, run_id=run.id)

    return deed


def opening(policy: Policy, now: datetime) -> datetime:
    """When the maintenance window is open next: now, or at the minute it opens."""
    return _turns(policy, now, is_open=True)


def closing(policy: Policy, now: datetime) -> datetime:
    """When the maintenance window is over: now, or at the minute it closes."""
    return _turns(policy, now, is_open=False)


def _turns(policy: Policy, now: datetime, *, is_open: bool) -> datetime:
    minute = timedelta(minutes=1)
    first = now.replace(second=0, microsecond=0)
    times = (now, *(first + n * minute for n in range(1, 26 * 60)))
    found = (at for at in times if _is_open(policy, at) is is_open)
    return next(found, now + timedelta(days=1))


def _is_open(policy: Policy, at: datetime) -> bool:
    return policy.maintenance.holds(at.astimezone(policy.zone).time())
