"""Every guard against everything that should not get past it."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.core.access import Access
from bot.core.model import Person, Role, phrase
from bot.core.policy import Policy
from bot.core.press import Press
from bot.core.records import Run, RunState
from bot.core.runbook import Guard
from bot.core.verbs import Verb
from bot.edges.store import SqlStore
from tests.conftest import ADMINS, TEAM, Clock
from tests.core.actions import ANN, BORIS, GUARDS, NAME, OLGA, SAM, VERA, Room

each_guard = pytest.mark.parametrize("guard", GUARDS)
OUTSIDE = -100999


@pytest.fixture
def room(store: SqlStore, clock: Clock, policy: Policy) -> Room:
    return Room(store=store, clock=clock, policy=policy)


def second(guard: Guard) -> Person:
    """Who has to say yes when Ann has asked."""
    return OLGA if guard is Guard.TWO_PEOPLE else ANN


async def test_a_typed_command_only_proposes_whatever_the_guard(room: Room) -> None:
    room.live(guard=Guard.NONE)
    run = await room.propose()
    assert isinstance(run, Run)
    assert (await room.run()).state is RunState.PROPOSED
    assert room.shed.done == []
    assert await room.tap(Verb.CONFIRM) == "started"
    await room.work()
    assert [job.args for job in room.shed.done] == [{"wall": "north"}]


async def test_a_button_without_a_guard_acts_at_once(room: Room) -> None:
    room.live(guard=Guard.NONE)
    await room.propose(typed=False)
    assert (await room.run()).state is RunState.SUCCEEDED
    assert len(room.shed.done) == 1


async def test_one_person_confirms_within_a_minute(room: Room, clock: Clock) -> None:
    await room.propose()
    clock.forward(seconds=60)
    assert await room.tap(Verb.CONFIRM) == "started"
    await room.work()
    run = await room.run()
    assert (run.state, run.confirmed_by, run.after) == (
        RunState.SUCCEEDED,
        ANN.id,
        {"painted": True},
    )


async def test_two_people_confirm_within_ten_minutes(room: Room, clock: Clock) -> None:
    room.live(guard=Guard.TWO_PEOPLE)
    await room.propose(ANN)
    clock.forward(minutes=10)
    assert await room.tap(Verb.CONFIRM, BORIS) == "started"
    await room.work()
    run = await room.run()
    assert (run.asked_by, run.confirmed_by, run.state) == (ANN.id, BORIS.id, RunState.SUCCEEDED)


@pytest.mark.parametrize("verb", [Verb.CONFIRM, Verb.DO])
async def test_the_refusal_names_the_role_that_the_action_needs(room: Room, verb: Verb) -> None:
    room.live(role=Role.ADMIN)
    await room.propose(ANN)
    arg = "1" if verb is Verb.CONFIRM else f"#1/5 {NAME} north"
    post = await room.shown(1) if verb is Verb.CONFIRM else await room.answer()
    press = Press(
        id="refused",
        who=VERA,
        chat_id=TEAM.chat,
        message_id=post.message_id or 0,
        topic_id=None,
        token=await room.token(post, verb, arg),
    )
    said = await room.desk.press(press)
    assert said.text == phrase("role_too_low", role=Role.VIEWER, needed=Role.ADMIN)
    assert room.shed.done == []


async def test_two_people_who_are_one_are_not_two(room: Room) -> None:
    room.live(guard=Guard.TWO_PEOPLE)
    await room.propose(ANN, chat=ANN.id)
    assert {post.chat_id for post in await room.posts(1)} == {ANN.id, ADMINS.chat}
    for chat in (ANN.id, ADMINS.chat):
        assert await room.tap(Verb.CONFIRM, ANN, chat=chat) == "confirm_by_another"
    renamed = Person(id=ANN.id, name="Olga")
    assert await room.tap(Verb.CONFIRM, renamed, chat=ADMINS.chat) == "confirm_by_another"
    assert (await room.desk.decide(ANN, Verb.CONFIRM, 1)).key == "confirm_by_another"
    assert await room.propose(ANN) == "confirm_by_another"
    await room.work()
    assert room.shed.done == []
    assert await room.tap(Verb.CONFIRM, OLGA, chat=ADMINS.chat) == "started"


async def test_two_people_are_not_asked_for_where_there_is_one(room: Room) -> None:
    room.live(guard=Guard.TWO_PEOPLE)
    room.desk = type(room.desk)(
        store=room.store,
        book=room.book,
        access=Access(admins={ANN.id}, managers=(), viewers={VERA.id}, chats={TEAM.chat}),
        clock=room.clock,
        wake=lambda: None,
    )
    assert await room.propose() == "nobody_else"


@each_guard
async def test_a_stranger_and_a_viewer_can_neither_ask_nor_confirm_nor_cancel(
    room: Room, guard: Guard
) -> None:
    room.live(guard=guard)
    assert await room.propose(SAM) == "role_too_low"
    assert await room.propose(VERA) == "role_too_low"
    await room.propose(ANN)
    for verb in (Verb.CONFIRM, Verb.CANCEL):
        assert await room.tap(verb, SAM) == "stranger"
        assert await room.tap(verb, VERA) == "role_too_low"
        assert (await room.desk.decide(VERA, verb, 1)).key in {
            "role_too_low",
            "confirm_other_person",
        }
    await room.work()
    assert room.shed.done == []
    assert (await room.run()).state is RunState.PROPOSED
    assert await room.audited("stranger", "role_too_low") >= 6


@each_guard
async def test_a_manager_does_nothing_that_needs_an_admin(room: Room, guard: Guard) -> None:
    room.live(guard=guard, role=Role.ADMIN)
    assert await room.propose(BORIS) == "role_too_low"
    await room.propose(ANN)
    assert await room.tap(Verb.CONFIRM, BORIS) == "role_too_low"
    post = await room.answer()
    token = await room.token(post, Verb.DO, f"{NAME} south")
    assert await room.press(post, token, BORIS, TEAM.chat) == "role_too_low"
    assert await room.tap(Verb.CONFIRM, second(guard)) == "started"


@each_guard
async def test_from_a_wrong_chat_nothing_is_confirmed(room: Room, guard: Guard) -> None:
    room.live(guard=guard)
    await room.propose(ANN)
    who = second(guard)
    assert await room.tap(Verb.CONFIRM, who, in_chat=OUTSIDE) == "unknown_chat"
    assert await room.tap(Verb.CONFIRM, who, in_chat=ADMINS.chat) == "button_elsewhere"
    assert (await room.run()).state is RunState.PROPOSED


@each_guard
async def test_an_old_button_confirms_nothing(room: Room, guard: Guard, clock: Clock) -> None:
    room.live(guard=guard)
    await room.propose(ANN)
    post = await room.shown(1)
    token = await room.token(post, Verb.CONFIRM, "1")
    clock.forward(days=3)
    assert await room.press(post, token, second(guard), TEAM.chat) == "button_expired"
    assert room.shed.done == []


@pytest.mark.parametrize("guard", [Guard.NONE, Guard.CONFIRM])
async def test_another_person_s_yes_does_not_count(room: Room, guard: Guard) -> None:
    room.live(guard=guard)
    await room.propose(ANN)
    assert await room.tap(Verb.CONFIRM, OLGA) == "confirm_other_person"
    assert await room.tap(Verb.CANCEL, OLGA) == "confirm_other_person"
    assert (await room.run()).state is RunState.PROPOSED


@pytest.mark.parametrize("guard", [Guard.CONFIRM, Guard.TWO_PEOPLE])
async def test_a_group_that_moves_takes_its_question_along(room: Room, guard: Guard) -> None:
    room.live(guard=guard)
    await room.propose()
    await room.shown(1)
    await room.desk.moved(TEAM.chat, OUTSIDE)
    [post] = await room.posts(1)
    assert (post.chat_id, post.message_id) == (OUTSIDE, None)  # it is sent there
    assert await room.tap(Verb.CONFIRM, second(guard), chat=OUTSIDE) == "started"
    await room.work()
    assert (await room.run()).state is RunState.SUCCEEDED


@pytest.mark.parametrize("role", [Role.MANAGER, None])
async def test_two_people_have_both_the_right_when_the_second_says_yes(
    room: Room, role: Role | None
) -> None:
    """The settings may have changed since the first one asked: one admin is not two."""
    room.live(guard=Guard.TWO_PEOPLE, role=Role.ADMIN)
    await room.propose(ANN)
    managers = {ANN.id} if role is Role.MANAGER else set()
    access = replace(room.access, admins={OLGA.id, SAM.id}, managers=managers)
    room.desk = replace(room.desk, access=access)
    assert await room.tap(Verb.CONFIRM, OLGA) == "asker_lost_role"
    await room.work()
    assert room.shed.done == []
    assert (await room.run()).state is RunState.CANCELLED
    assert isinstance(await room.propose(OLGA), Run)  # the wall is nobody's


@each_guard
async def test_a_yes_that_comes_too_late_starts_nothing(
    room: Room, guard: Guard, clock: Clock
) -> None:
    room.live(guard=guard)
    await room.propose(ANN)
    clock.forward(seconds=601 if guard is Guard.TWO_PEOPLE else 61)
    assert await room.tap(Verb.CONFIRM, second(guard)) == "confirm_too_late"
    await room.work()
    assert room.shed.done == []
    assert (await room.run()).state is RunState.EXPIRED


@each_guard
async def test_two_taps_at_once_are_one_decision(room: Room, guard: Guard) -> None:
    room.live(guard=guard)
    await room.propose(ANN)
    who = second(guard)
    said = [await room.tap(Verb.CONFIRM, who) for _ in range(2)]
    assert said == ["started", "already_decided"]
    await room.work()
    await room.work()
    assert len(room.shed.done) == 1


@each_guard
async def test_what_is_under_way_is_not_begun_again_but_elsewhere(
    room: Room, guard: Guard
) -> None:
    room.live(guard=guard)
    await room.propose(ANN)
    assert await room.propose(OLGA) == "busy"
    assert isinstance(await room.propose(OLGA, "south"), Run)


@each_guard
async def test_cancelled_is_cancelled(room: Room, guard: Guard) -> None:
    room.live(guard=guard)
    await room.propose(ANN)
    assert await room.tap(Verb.CANCEL, ANN) == "cancelled"
    assert await room.tap(Verb.CONFIRM, second(guard)) == "already_decided"
    await room.work()
    assert room.shed.done == []


async def test_a_second_person_may_say_no(room: Room) -> None:
    room.live(guard=Guard.TWO_PEOPLE)
    await room.propose(ANN)
    assert await room.tap(Verb.CANCEL, OLGA) == "cancelled"


@each_guard
async def test_the_same_wish_that_comes_again_is_one(room: Room, guard: Guard) -> None:
    room.live(guard=guard)
    await room.propose(ANN)
    room.presses -= 1
    assert isinstance(await room.propose(ANN), str)
    assert await room.store.read(lambda tx: tx.runs.get(2)) is None


async def test_every_step_is_in_the_audit_log(room: Room) -> None:
    await room.propose(ANN)
    await room.tap(Verb.CONFIRM)
    await room.work()
    for step in ("asked", "proposed", "started", "running", "succeeded"):
        assert await room.audited(step) == 1, step


async def test_a_button_on_an_answer_names_its_arguments(room: Room) -> None:
    post = await room.answer()
    token = await room.token(post, Verb.DO, f"{NAME} south")
    assert await room.press(post, token, VERA, TEAM.chat) == "role_too_low"
    assert await room.press(post, token, BORIS, TEAM.chat) == "preparing"
    run = await room.run()
    assert (run.args, run.target, run.reply_to) == ({"wall": "south"}, "wall south", post.id)
    wrong = await room.token(post, Verb.DO, f"{NAME} west")
    assert await room.press(post, wrong, BORIS, TEAM.chat) == "usage_words"
    gone = await room.token(post, Verb.DO, "remediate_gone x")
    assert await room.press(post, gone, BORIS, TEAM.chat) == "button_unknown"


async def test_a_question_closes_by_itself(room: Room, clock: Clock) -> None:
    await room.propose(ANN)
    clock.now += timedelta(seconds=60)
    await room.store.write(lambda tx: room.desk.tidy(tx, clock()))
    assert (await room.run()).state is RunState.EXPIRED
    assert isinstance(await room.propose(OLGA), Run)
