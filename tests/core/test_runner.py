"""Remediations: from the tap to the verdict, and what must never happen twice."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.core import switched
from bot.core.access import Access
from bot.core.book import Book
from bot.core.desk import Desk
from bot.core.job import Job
from bot.core.keyboard import of_alert
from bot.core.model import Alert, Moment, Person, Severity, State, fires, ok, phrase
from bot.core.press import Press, Said
from bot.core.proof import Proof
from bot.core.records import PostKind, Run, RunState
from bot.core.runbook import ActionFailed, Refused, Runbook
from bot.core.runner import Runner
from bot.core.verbs import Verb
from bot.core.watch import Watch
from bot.edges.store import SqlStore
from tests import fakes
from tests.conftest import ADMINS, TEAM, Clock

ANN = Person(id=7, name="Ann")
BORIS = Person(id=8, name="Boris")
VERA = Person(id=9, name="Vera")
SICK = fires("shop database", Severity.WARNING, **fakes.FULL)
WELL = ok("shop database", **fakes.SLIM)


class Room:
    """One firing alert with a card in the team's chat, and everybody who may tap on it."""

    def __init__(self, store: SqlStore, book: Book, runbook: Runbook, clock: Clock) -> None:
        self.store, self.book, self.clock = store, book, clock
        self.world = fakes.World(readings=[SICK])
        self.tools = fakes.tools(self.world)
        self.watch = Watch(
            store=store, tools=self.tools, book=book, clock=clock, wake=lambda: None
        )
        self.runner = Runner(
            store=store,
            book=book,
            tools=self.tools,
            watch=self.watch,
            clock=clock,
            wake=lambda: None,
            sleep=self._sleep,
        )
        access = Access(admins={ANN.id}, managers={BORIS.id}, viewers={VERA.id}, chats={TEAM.chat})
        self.desk = Desk(store=store, book=book, access=access, clock=clock, wake=lambda: None)
        self.runbook = runbook
        self.presses = 0

    async def _sleep(self, seconds: float) -> None:
        self.clock.forward(seconds=seconds)

    async def press(self, token: str, who: Person = ANN, *, chat: int = TEAM.chat) -> str:
        self.presses += 1
        press = Press(
            id=f"q{self.presses}",
            who=who,
            chat_id=chat,
            message_id=100,
            topic_id=None,
            token=token,
        )
        answer = await self.desk.press(press)
        assert isinstance(answer, Said)
        return answer.text.key

    async def token(self, verb: Verb, arg: str = "", *, kind: PostKind = PostKind.CARD) -> str:
        posts = await self.store.read(
            lambda tx: [*tx.posts.of_alert(1), *tx.posts.of_run(1), *tx.posts.of_run(2)]
        )
        post = [post for post in posts if post.kind is kind][0 if kind is PostKind.CARD else -1]
        until = self.clock() + timedelta(days=1)
        return await self.store.write(
            lambda tx: tx.buttons.issue(post.id, verb, arg, expires_at=until)
        )

    async def ask(self, who: Person = ANN) -> str:
        """Tap Run VACUUM and let the pre-flight happen."""
        said = await self.press(await self.token(Verb.DO, "remediate_vacuum_db"), who)
        await self.work()
        return said

    async def confirm(self, who: Person = ANN, run_id: int = 1) -> str:
        token = await self.token(Verb.CONFIRM, str(run_id), kind=PostKind.RUN)
        return await self.press(token, who)

    async def work(self) -> None:
        for run in await self.runner.pending():
            await self.runner.handle(run)

    async def run(self, run_id: int = 1) -> Run:
        run = await self.store.read(lambda tx: tx.runs.get(run_id))
        assert run is not None
        return run

    async def alert(self) -> Alert:
        alert = await self.store.read(lambda tx: tx.alerts.get(1))
        assert alert is not None
        return alert

    async def notices(self) -> list[int]:
        posts = await self.store.read(lambda tx: tx.posts.of_alert(1))
        return [post.chat_id for post in posts if post.kind is PostKind.NOTICE]

    def heal(self) -> None:
        self.world.readings = [WELL]


@pytest.fixture
async def room(store: SqlStore, book: Book, runbook: Runbook, clock: Clock) -> Room:
    room = Room(store, book, runbook, clock)
    await room.watch.round(runbook)
    return room


async def test_two_taps_of_one_person_repair_and_prove_it(room: Room) -> None:
    assert await room.ask() == "preparing"
    assert (await room.run()).state is RunState.PROPOSED
    assert room.world.done == []

    room.world.on_act = room.heal
    assert await room.confirm() == "started"
    await room.work()
    run, alert = await room.run(), await room.alert()
    assert room.world.done == ["vacuum"]
    assert run.state is RunState.SUCCEEDED
    assert run.after == fakes.VACUUMED
    assert (alert.state, alert.proof) == (State.RESOLVED, fakes.SLIM)
    assert await room.notices() == []


async def test_success_is_recovery_not_an_exit_code(room: Room) -> None:
    await room.ask()
    await room.confirm()
    await room.work()
    assert (await room.run()).state is RunState.NOT_VERIFIED
    cards = await room.store.read(lambda tx: tx.posts.of_alert(1))
    assert ADMINS.chat in {post.chat_id for post in cards if post.kind is PostKind.CARD}
    assert await room.notices() == [TEAM.chat, ADMINS.chat]


async def test_a_step_that_is_no_repair_of_the_card_is_proved_by_itself(
    store: SqlStore, book: Book, runbook: Runbook, clock: Clock
) -> None:
    """Such as ANALYZE, from the runbook's page: nobody expects the alert to be over by it."""
    lesser = replace(runbook, remediations=[])
    room = Room(store, replace(book, runbooks={runbook.name: lesser}), lesser, clock)
    await room.watch.round(lesser)
    await room.ask()
    await room.confirm()
    await room.work()
    run = await room.run()
    assert (run.state, run.alert_id) == (RunState.SUCCEEDED, 1)
    assert (await room.alert()).state is State.FIRING
    assert await room.notices() == []


async def test_a_second_confirmation_starts_nothing(room: Room) -> None:
    await room.ask()
    await room.confirm()
    assert await room.confirm() == "already_decided"
    await room.work()
    await room.work()
    assert room.world.done == ["vacuum"]


async def test_the_same_tap_delivered_twice_is_one_decision(room: Room) -> None:
    token = await room.token(Verb.DO, "remediate_vacuum_db")
    await room.press(token)
    room.presses -= 1
    assert await room.press(token) == "busy"
    assert len(await room.runner.pending()) == 1


async def test_another_person_cannot_confirm(room: Room) -> None:
    await room.ask(ANN)
    assert await room.confirm(BORIS) == "confirm_other_person"
    assert (await room.run()).state is RunState.PROPOSED


async def test_another_person_asking_is_told_who_is_at_it(room: Room) -> None:
    await room.ask(ANN)
    assert await room.ask(BORIS) == "busy"
    assert await room.ask(ANN) == "confirm_below"


async def test_a_confirmation_after_a_minute_is_too_late(room: Room, clock: Clock) -> None:
    await room.ask()
    clock.forward(seconds=61)
    assert await room.confirm() == "confirm_too_late"
    await room.work()
    assert room.world.done == []
    assert (await room.run()).state is RunState.EXPIRED


async def test_an_unconfirmed_question_closes_by_itself(room: Room, clock: Clock) -> None:
    await room.ask()
    clock.forward(seconds=61)
    assert await room.store.write(lambda tx: room.desk.tidy(tx, clock())) == 1
    assert (await room.run()).state is RunState.EXPIRED
    assert await room.ask() == "preparing"


async def test_cancel(room: Room) -> None:
    await room.ask()
    token = await room.token(Verb.CANCEL, "1", kind=PostKind.RUN)
    assert await room.press(token) == "cancelled"
    assert await room.confirm() == "already_decided"
    assert room.world.done == []


async def test_an_alert_that_healed_meanwhile_is_not_repaired(room: Room) -> None:
    await room.ask()
    room.heal()
    await room.watch.round(room.runbook)
    assert await room.confirm() == "alert_over"
    await room.work()
    assert room.world.done == []


async def test_the_preflight_can_refuse(room: Room) -> None:
    room.world.preflight = Refused(phrase("vacuum_busy", writers=[]))
    await room.ask()
    run = await room.run()
    assert (run.state, run.why) == (RunState.REFUSED, phrase("vacuum_busy", writers=[]))
    assert room.world.done == []


async def test_the_preflight_is_made_again_before_the_work(room: Room) -> None:
    await room.ask()
    await room.confirm()
    room.world.preflight = Refused(phrase("vacuum_busy", writers=[]))
    await room.work()
    assert (await room.run()).state is RunState.REFUSED
    assert room.world.done == []


@pytest.mark.parametrize("bug", [False, True])
async def test_a_failure_is_told_with_its_reason(room: Room, *, bug: bool) -> None:
    locked = phrase("vacuum_locked", path="shop.db")
    room.world.outcome = RuntimeError("oops") if bug else ActionFailed(locked)
    await room.ask()
    await room.confirm()
    await room.work()
    run = await room.run()
    assert run.state is RunState.FAILED
    assert run.why == (phrase("action_broke", error="RuntimeError") if bug else locked)
    assert await room.notices() == [TEAM.chat, ADMINS.chat]


async def test_what_a_crash_interrupted_is_reported_and_never_repeated(room: Room) -> None:
    await room.ask()
    await room.confirm()
    run = await room.run()
    running = replace(run, state=RunState.RUNNING, started_at=room.clock())
    await room.store.write(lambda tx: tx.runs.move(running, frm=RunState.REQUESTED))

    assert [one.id for one in await room.runner.recover()] == [1]
    await room.work()
    assert room.world.done == []
    assert (await room.run()).state is RunState.INTERRUPTED
    assert await room.notices() == [TEAM.chat, ADMINS.chat]
    assert await room.runner.recover() == []


async def test_only_one_of_two_runners_gets_a_run(room: Room) -> None:
    await room.ask()
    await room.confirm()
    [run] = await room.runner.pending()
    await room.runner.handle(run)
    await room.runner.handle(run)
    assert room.world.done == ["vacuum"]


async def test_people_may_not_repeat_within_a_minute(room: Room, clock: Clock) -> None:
    room.world.outcome = ActionFailed(phrase("vacuum_locked", path="shop.db"))
    await room.ask()
    await room.confirm()
    await room.work()
    assert await room.ask() == "preparing"
    assert (await room.run(2)).state is RunState.REFUSED
    clock.forward(seconds=61)
    await room.ask()
    assert (await room.run(3)).state is RunState.PROPOSED


@pytest.mark.parametrize("verb", [Verb.ACKNOWLEDGE, Verb.SILENCE, Verb.DO])
async def test_a_viewer_and_a_stranger_change_nothing(room: Room, verb: Verb) -> None:
    before = await room.alert()
    token = await room.token(verb, "remediate_vacuum_db")
    assert await room.press(token, VERA) == "role_too_low"
    assert await room.press(token, Person(id=666, name="Sam")) == "stranger"
    assert await room.alert() == before
    assert await room.runner.pending() == []


async def test_a_button_works_only_on_its_own_message_and_chat(room: Room) -> None:
    token = await room.token(Verb.ACKNOWLEDGE)
    assert await room.press(token) == "taken"  # the first tap teaches the message's number
    assert await room.press(token, chat=ANN.id) == "button_elsewhere"
    assert await room.press(token, chat=-555) == "unknown_chat"
    assert await room.press("forged") == "button_unknown"


async def test_the_second_to_acknowledge_is_told_who_was_faster(room: Room) -> None:
    token = await room.token(Verb.ACKNOWLEDGE)
    assert await room.press(token, ANN) == "taken"
    assert await room.press(token, BORIS) == "already_taken"
    assert (await room.alert()).acknowledged_by == "Ann"


async def test_an_old_button_gives_the_card_fresh_ones(room: Room, clock: Clock) -> None:
    token = await room.token(Verb.ACKNOWLEDGE)
    version = (await room.alert()).version
    clock.forward(days=3)
    assert await room.press(token) == "button_expired"
    assert (await room.alert()).version == version + 1


async def test_every_press_is_in_the_audit_log(room: Room) -> None:
    token = await room.token(Verb.ACKNOWLEDGE)
    await room.press(token, Person(id=666, name="Sam"))
    await room.press(token)
    since = room.clock() - timedelta(hours=1)
    count = await room.store.read(
        lambda tx: tx.audit.count(since=since, verdicts={"stranger", "taken"})
    )
    assert count == 2


async def test_a_card_shows_no_repair_while_one_is_under_way(room: Room) -> None:
    alert, actions = await room.alert(), list(room.book.remediations.values())
    labels = [
        key.label for row in of_alert(alert, room.runbook, actions, busy=False) for key in row
    ]
    answers = ["Acknowledge", "Silence 1h", "More…"]
    assert labels == ["Run VACUUM", *answers, "Diagnose", "Runbook", "Steps"]
    busy = [key.label for row in of_alert(alert, room.runbook, actions, busy=True) for key in row]
    assert "Run VACUUM" not in busy


async def test_inside_the_maintenance_window_it_runs_by_itself_once(
    store: SqlStore, book: Book, runbook: Runbook, clock: Clock
) -> None:
    automatic = replace(book, policy=replace(book.policy, automatic=True))
    room = Room(store, automatic, runbook, clock)
    await room.watch.round(runbook)
    assert await room.runner.pending() == []  # noon UTC is 15:00 in Moscow

    clock.forward(hours=12)
    await room.watch.round(runbook)
    await room.work()
    assert room.world.done == ["vacuum"]
    clock.forward(minutes=10)
    await room.watch.round(runbook)
    assert await room.runner.pending() == []  # once an episode


async def test_nothing_runs_by_itself_for_a_subject_that_it_does_not_repair(
    store: SqlStore, book: Book, runbook: Runbook, clock: Clock
) -> None:
    other = replace(runbook, repairs=lambda subject: subject == "another")
    automatic = replace(
        book, policy=replace(book.policy, automatic=True), runbooks={other.name: other}
    )
    clock.forward(hours=12)
    room = Room(store, automatic, other, clock)
    await room.watch.round(other)
    assert (await room.alert()).state is State.FIRING
    assert await room.runner.pending() == []


async def test_the_older_copy_of_a_card_sent_twice_says_so_when_tapped(room: Room) -> None:
    token = await room.token(Verb.ACKNOWLEDGE)
    [card] = await room.store.read(lambda tx: tx.posts.of_alert(1))
    newer = replace(card, message_id=200, repeats=1)
    await room.store.write(lambda tx: tx.posts.save(newer))

    assert await room.press(token) == "button_of_copy"
    copy = await room.store.read(lambda tx: tx.posts.at(TEAM.chat, 100))
    assert copy is not None
    assert copy.template == "notices/copy.html.j2"
    assert (await room.alert()).state is State.FIRING
    assert await room.press(token) == "button_elsewhere"  # it is known now


async def test_who_asked_for_a_repair_has_come(room: Room) -> None:
    assert (await room.alert()).remind_at is not None
    await room.ask()
    alert = await room.alert()
    assert (alert.remind_at, alert.escalate_at) == (None, None)
    assert alert.responded_at == room.clock()

    await room.press(await room.token(Verb.CANCEL, "1", kind=PostKind.RUN))
    alert = await room.alert()
    assert alert.remind_at is not None
    assert alert.responded_at is None


async def test_a_decision_is_not_carried_out_hours_later(room: Room, clock: Clock) -> None:
    await room.ask()
    await room.confirm()
    clock.forward(hours=9)
    assert [one.id for one in await room.runner.recover()] == [1]
    await room.work()
    assert room.world.done == []


async def test_what_was_confirmed_is_not_done_for_an_alert_that_is_over(room: Room) -> None:
    await room.ask()
    await room.confirm()
    room.heal()
    await room.watch.round(room.runbook)
    await room.work()
    assert room.world.done == []
    assert (await room.run()).why == phrase("alert_over")


async def test_what_the_switch_has_closed_proves_no_repair(room: Room) -> None:
    """The assistant was restarted with other settings while a repair was looked after."""
    await room.ask()
    off = replace(room.runbook, enabled=False)
    book = replace(room.book, runbooks={off.name: off})
    await room.store.write(lambda tx: switched.close(tx, book, room.clock()))
    alert = await room.alert()
    assert alert.state is State.RESOLVED
    watch = replace(room.watch, book=book)
    proof = Proof(store=room.store, book=book, tools=room.tools, watch=watch, wake=lambda: None)
    moment = Moment(now=room.clock(), zone=book.policy.zone)
    verdict = await proof.verdict(await room.run(), Job(key="k", alert=alert, moment=moment), {})
    assert verdict.state is RunState.NOT_VERIFIED
    assert verdict.why == phrase("check_off", setting="CHECKS__DB_GROWTH__ENABLED")
