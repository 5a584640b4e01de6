"""Every action there is, with its own guard, role and target, against all that must not start it.

What the actions do is tested elsewhere; here each only writes down that it was done.
"""

import asyncio
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest

from bot import remediations
from bot.core.job import Arg
from bot.core.model import Alert, Person, Role, Severity, State, fires, phrase
from bot.core.params import Param, parse
from bot.core.policy import Policy, confirm_within
from bot.core.ports import Tx
from bot.core.records import ACTIVE, Post, PostKind, PostState, Run, RunState
from bot.core.runbook import Guard, Refused, Remediation
from bot.core.verbs import Verb
from bot.core.wish import Wish
from bot.edges.store import SqlStore
from tests.conftest import ADMINS, NOON, TEAM, Clock
from tests.core.actions import ANN, BORIS, OLGA, SAM, VERA, Room

ACTIONS = remediations.load()
PARENTS = {one.undo: name for name, one in ACTIONS.items() if one.undo}
OUTSIDE = -100999


def word(param: Param) -> str:
    """Something that this argument takes."""
    if param.words:
        return str(param.words[0])
    if param.day:
        return "2026-11-20"
    return str(param.low) if param.low is not None else param.like or "some words"


@dataclass(frozen=True)
class Armed:
    """A button that would do the deed, were the right person to tap it now."""

    post: Post
    verb: Verb
    arg: str


@dataclass(kw_only=True)
class Bench:
    room: Room
    action: Remediation
    wishes: int = 0

    @property
    def right(self) -> Person:
        """Whose tap does it, after Ann has asked."""
        return OLGA if self.action.guard is Guard.TWO_PEOPLE else ANN

    @property
    def args(self) -> dict[str, Arg]:
        if self.action.name in PARENTS:
            return {}
        return dict(parse(self.action, [word(one) for one in self.action.params]))

    async def asked(self, who: Person = ANN, alert: Alert | None = None) -> Run | str:
        """Ask for it as a typed command does, or as a card's button where it needs an alert."""
        self.wishes += 1
        wish = Wish(
            action=self.action.name,
            key=f"w{self.wishes}",
            args=self.args,
            alert=alert,
            chat_id=TEAM.chat,
            typed=alert is None,
        )
        made = await self.room.desk.propose(who, wish)
        await self.room.work()
        return made if isinstance(made, Run) else made.key

    async def armed(self) -> Armed:
        if self.action.name in PARENTS:
            run = await self.done()
            return Armed(await self.post_of(run), Verb.UNDO, str(run.id))
        if self.action.guard is Guard.NONE:
            alert = await self.alert()
            return Armed(await self.card(alert), Verb.DO, self.action.name)
        asked = await self.asked()
        assert isinstance(asked, Run), asked
        return Armed(await self.post_of(asked), Verb.CONFIRM, str(asked.id))

    async def done(self) -> Run:
        """What this one takes back, done a moment ago."""
        self.wishes += 1
        now = self.room.clock()
        parent = ACTIONS[PARENTS[self.action.name]]
        run = Run(
            id=0,
            key=f"done{self.wishes}",
            action=parent.name,
            target="the same",
            state=RunState.SUCCEEDED,
            asked_at=now,
            asked_by=ANN.id,
            asked_name=ANN.name,
            chat_id=TEAM.chat,
            started_at=now,
            finished_at=now,
            undo_until=now + parent.undo_within,
        )
        made = await self.room.store.write(lambda tx: tx.runs.add(run))
        assert made is not None
        return made

    async def alert(self) -> Alert:
        self.wishes += 1
        reading = fires(f"x{self.wishes}", Severity.CRITICAL)
        return await self.room.store.write(
            lambda tx: tx.alerts.add("check_db_growth", reading, NOON)
        )

    async def card(self, alert: Alert) -> Post:
        post = replace(await self.room.answer(), kind=PostKind.CARD, alert_id=alert.id)
        made = await self.room.store.write(lambda tx: tx.posts.add(replace(post, id=0)))
        assert made is not None
        return made

    async def post_of(self, run: Run) -> Post:
        """The run's message in the chat, as Telegram has it."""
        found = [one for one in await self.room.posts(run.id) if one.chat_id == TEAM.chat]
        if found:
            post = replace(found[0], state=PostState.SHOWN, message_id=1000 + found[0].id)
            await self.room.store.write(lambda tx: tx.posts.save(post))
            return post
        return await self.room.answer()

    async def tap(self, armed: Armed, who: Person, chat: int = TEAM.chat) -> str:
        token = await self.room.token(armed.post, armed.verb, armed.arg)
        return await self.room.press(armed.post, token, who, chat)

    async def clear(self) -> None:
        """Nothing is asked for any more, and nothing was done yet."""

        def work(tx: Tx) -> None:
            for run in tx.runs.in_state(*ACTIVE, RunState.REFUSED, RunState.SUCCEEDED):
                tx.runs.move(replace(run, state=RunState.CANCELLED), frm=run.state)

        await self.room.store.write(work)
        self.room.shed.done.clear()
        self.room.shed.preflight = {"coats": 1}

    async def nothing_done(self) -> None:
        await self.room.work()
        assert self.room.shed.done == []


@pytest.fixture
def bench(name: str, store: SqlStore, clock: Clock, policy: Policy) -> Bench:
    room = Room(store=store, clock=clock, policy=policy)
    real = ACTIONS[name]
    shed = {
        "preflight": room.action.preflight,
        "act": room.action.act,
        "verify": None,
        "probe": None,
        "hands_over": False,
        "cooldown": timedelta(0),
    }
    room.action = replace(real, **shed)  # type: ignore[arg-type]  # the shed's own
    others = [ACTIONS[PARENTS[name]]] if name in PARENTS else []
    room.live(*others)
    return Bench(room=room, action=room.action)


async def strangers_viewers_and_lower_roles_start_nothing(bench: Bench) -> None:
    lower = [BORIS] if bench.action.role is Role.ADMIN else []
    if bench.action.direct and not bench.action.needs_alert:
        assert [await bench.asked(who) for who in (SAM, VERA, *lower)] == [
            "role_too_low",
            "role_too_low",
            *("role_too_low" for _ in lower),
        ]
    armed = await bench.armed()
    assert await bench.tap(armed, SAM) == "stranger"
    for who in (VERA, *lower):
        assert await bench.tap(armed, who) == "role_too_low"
    await bench.nothing_done()
    await bench.tap(armed, bench.right)
    await bench.room.work()
    assert len(bench.room.shed.done) == 1


async def from_another_chat_it_is_not_started(bench: Bench) -> None:
    armed = await bench.armed()
    assert await bench.tap(armed, bench.right, OUTSIDE) == "unknown_chat"
    assert await bench.tap(armed, bench.right, ADMINS.chat) == "button_elsewhere"
    await bench.nothing_done()


async def an_old_button_starts_nothing(bench: Bench) -> None:
    armed = await bench.armed()
    token = await bench.room.token(armed.post, armed.verb, armed.arg)
    bench.room.clock.forward(days=3)
    said = await bench.room.press(armed.post, token, bench.right, TEAM.chat)
    assert said == "button_expired"
    await bench.nothing_done()


async def another_person_s_yes_or_one_person_s_two_do_not_count(bench: Bench) -> None:
    if bench.action.guard is Guard.NONE:
        assert bench.action.name in PARENTS or bench.action.needs_alert  # nothing else may be
        return
    armed = await bench.armed()
    if bench.action.guard is Guard.CONFIRM:
        assert await bench.tap(armed, OLGA) == "confirm_other_person"
    else:
        renamed = Person(id=ANN.id, name="Olga")
        for who in (ANN, renamed):
            assert await bench.tap(armed, who) == "confirm_by_another"
        assert await bench.asked(renamed) == "confirm_by_another"
    await bench.nothing_done()


async def a_yes_that_comes_too_late_starts_nothing(bench: Bench) -> None:
    armed = await bench.armed()
    wait = {Verb.CONFIRM: confirm_within(bench.action), Verb.UNDO: timedelta(days=1)}
    if armed.verb not in wait:
        return  # a card's button lives as long as its alert
    bench.room.clock.now += wait[armed.verb] + timedelta(seconds=1)
    assert await bench.tap(armed, bench.right) in {"confirm_too_late", "undo_too_late"}
    await bench.nothing_done()
    assert bench.action.guard is not Guard.CONFIRM or wait[Verb.CONFIRM] == timedelta(minutes=1)


async def two_taps_at_once_are_one_deed(bench: Bench) -> None:
    armed = await bench.armed()
    said = await asyncio.gather(*(bench.tap(armed, bench.right) for _ in range(2)))
    assert len({*said} & {"started", "preparing", "requested"}) <= 1
    assert len({*said}) == 2, said
    await bench.room.work()
    await bench.room.work()
    assert len(bench.room.shed.done) == 1


async def what_is_under_way_is_not_begun_again(bench: Bench) -> None:
    armed = await bench.armed()
    await bench.tap(armed, bench.right)
    again = await bench.armed() if bench.action.guard is Guard.NONE else None
    if again is not None:
        assert await bench.tap(again, OLGA) == "busy"
    else:
        assert await bench.asked(OLGA) == "busy"
    await bench.room.work()
    assert len(bench.room.shed.done) == 1


async def what_cannot_be_done_any_more_is_refused_before_it_begins(bench: Bench) -> None:
    """What it works on went away between the question and the yes: it is looked at again."""
    armed = await bench.armed()
    bench.room.shed.preflight = Refused(phrase("reason_unknown"))
    await bench.tap(armed, bench.right)
    await bench.nothing_done()
    states = await bench.room.store.read(lambda tx: list(tx.runs.in_state(RunState.REFUSED)))
    assert [run.action for run in states] == [bench.action.name]


async def for_an_alert_that_is_over_nothing_is_begun(bench: Bench) -> None:
    if not bench.action.direct:
        return  # it follows a run, whatever became of the alert
    alert = await bench.alert()
    card = await bench.card(alert)
    words = " ".join([bench.action.name, *map(word, bench.action.params)])
    over = replace(alert, state=State.RESOLVED, resolved_at=NOON)
    begun = None
    if bench.action.guard is not Guard.NONE:
        assert await bench.tap(Armed(card, Verb.DO, words), ANN) in {
            "preparing",
            "preparing_for_two",
        }
        await bench.room.work()
        [begun] = await bench.room.store.read(lambda tx: list(tx.runs.in_state(RunState.PROPOSED)))
    newest = await bench.room.store.read(lambda tx: tx.alerts.get(alert.id))
    assert newest is not None
    await bench.room.store.write(lambda tx: tx.alerts.save(replace(over, version=newest.version)))
    if begun is not None:
        confirm = Armed(await bench.post_of(begun), Verb.CONFIRM, str(begun.id))
        assert await bench.tap(confirm, bench.right) == "alert_over"
    assert await bench.tap(Armed(card, Verb.DO, words), ANN) == "alert_over"
    await bench.nothing_done()


ABUSES = (
    strangers_viewers_and_lower_roles_start_nothing,
    from_another_chat_it_is_not_started,
    an_old_button_starts_nothing,
    another_person_s_yes_or_one_person_s_two_do_not_count,
    a_yes_that_comes_too_late_starts_nothing,
    two_taps_at_once_are_one_deed,
    what_is_under_way_is_not_begun_again,
    what_cannot_be_done_any_more_is_refused_before_it_begins,
    for_an_alert_that_is_over_nothing_is_begun,
)


@pytest.mark.parametrize("name", ACTIONS)
async def test_no_abuse_gets_past_its_guard(bench: Bench) -> None:
    """One after the other on the same tables; where one fails, the traceback has its name."""
    for abuse in ABUSES:
        await abuse(bench)
        await bench.clear()


def test_every_kind_of_guard_is_there() -> None:
    assert {one.guard for one in ACTIONS.values()} == set(Guard)
