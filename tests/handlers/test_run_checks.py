"""*Run checks*: who may, what it shows meanwhile and then, and that two taps run them once."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from aiogram.methods import AnswerCallbackQuery, EditMessageText, SendMessage

from bot.core.book import Book
from bot.core.detectors import Detectors
from bot.core.keyboard import Key
from bot.core.model import Moment, Reading, Severity, fires, ok
from bot.core.records import CheckState, PostKind
from bot.core.tools import Tools
from bot.core.verbs import Verb
from bot.core.watch import Watch
from bot.edges.store import SqlStore
from tests import fakes
from tests.conftest import NOON, TEAM, Clock
from tests.handlers.telegram import ANN, BORIS, SAM, VERA, Call, Phone, buttons, texts

KEYS = [[Key("Run checks", Verb.CHECK)]]


class Slow:
    """A check that looks for as long as the test wants, and counts."""

    def __init__(self) -> None:
        self.go = asyncio.Event()
        self.looks = 0
        self.stopped = False

    async def detect(self, _tools: Tools, _at: Moment) -> list[Reading]:
        self.looks += 1
        try:
            await self.go.wait()
        except asyncio.CancelledError:
            self.stopped = True
            raise
        return [fires("shop database", Severity.WARNING, **fakes.FULL)]


@pytest.fixture
def slow() -> Slow:
    return Slow()


@pytest.fixture
def book(book: Book, slow: Slow) -> Book:
    async def well(_tools: Tools, _at: Moment) -> list[Reading]:
        return [ok("cash balance", balance=1)]

    kept = {
        "check_db_growth": replace(
            book.runbooks["check_db_growth"], detect=slow.detect, needs={}, automatic=None
        ),
        "check_cash_balance_threshold": replace(
            book.runbooks["check_cash_balance_threshold"], detect=well, needs={}, automatic=None
        ),
    }
    return replace(book, runbooks=kept)


@pytest.fixture
def seconds() -> list[float]:
    return [0.0]


@pytest.fixture
def phone(phone: Phone, seconds: list[float]) -> Phone:
    answering = phone.dispatcher["answering"]
    answering.detectors.clock = lambda: seconds[0]
    phone.dispatcher["answering"] = replace(
        answering, looking=replace(answering.looking, patience=0.0)
    )
    return phone


def toasts(calls: list[Call]) -> list[str]:
    return texts([one for one in calls if isinstance(one, AnswerCallbackQuery)])


async def states(store: SqlStore) -> dict[str, CheckState]:
    return await store.read(lambda tx: {one.name: one for one in tx.checks.all()})


async def verdicts(store: SqlStore, verdict: str) -> int:
    since = NOON - timedelta(days=1)
    return await store.read(lambda tx: tx.audit.count(since=since, verdicts=[verdict]))


async def test_it_says_that_they_run_and_then_what_they_saw(
    phone: Phone, store: SqlStore, slow: Slow
) -> None:
    *_, answer = await phone.say(BORIS, "/checks", TEAM.chat)
    token = buttons(answer)["Run checks"]
    number = phone.session.last_id
    await phone.begin(callback_query=phone.press(BORIS, TEAM.chat, number, token))
    said = await phone.until(SendMessage, 2)
    assert texts([said]) == ["⏳ Running 2 checks…"]
    slow.go.set()
    await phone.tasks.done()
    *_, edit = [one for one in phone.session.calls if isinstance(one, EditMessageText)]
    assert edit.message_id == number
    assert texts([edit])[0].startswith("<b>2 checks run</b>, 0 s: 1 well, 1 firing, 0 unknown")
    assert "The database is 5.6" in texts([edit])[0]
    assert list(buttons(edit)) == ["Run checks"]
    assert {name: str(one.status) for name, one in (await states(store)).items()} == {
        "check_db_growth": "firing",
        "check_cash_balance_threshold": "ok",
    }
    assert await store.read(lambda tx: len(tx.alerts.open())) == 1
    assert await verdicts(store, "checks_wanted") == 1


async def test_two_taps_and_a_second_person_run_them_once(
    phone: Phone, slow: Slow, seconds: list[float]
) -> None:
    post, (token,) = await phone.shown(PostKind.ANSWER, KEYS)
    other, (others,) = await phone.shown(PostKind.ANSWER, KEYS, chat=ANN)
    assert post.message_id is not None
    assert other.message_id is not None
    await phone.begin(callback_query=phone.press(BORIS, TEAM.chat, post.message_id, token))
    await phone.begin(callback_query=phone.press(BORIS, TEAM.chat, post.message_id, token))
    await phone.begin(callback_query=phone.press(ANN, ANN, other.message_id, others))
    await phone.until(SendMessage, 3)
    slow.go.set()
    await phone.tasks.done()
    assert slow.looks == 1
    edits = [one for one in phone.session.calls if isinstance(one, EditMessageText)]
    assert {one.message_id for one in edits} == {post.message_id, other.message_id}

    post, (token,) = await phone.shown(PostKind.ANSWER, KEYS)
    assert post.message_id is not None
    seconds[0] = 9.0
    calls = await phone.tap(ANN, TEAM.chat, post.message_id, token)
    assert slow.looks == 1, "the same wish, a moment later"
    assert any("2 checks run" in text for text in texts(calls))
    post, (token,) = await phone.shown(PostKind.ANSWER, KEYS)
    assert post.message_id is not None
    seconds[0] = 10.0
    await phone.tap(ANN, TEAM.chat, post.message_id, token)
    assert slow.looks == 2


@pytest.mark.parametrize(
    ("who", "says", "verdict"),
    [
        (SAM, "You are not on this assistant's list.", "stranger"),
        (VERA, "Your role is viewer; this needs a manager.", "role_too_low"),
    ],
)
async def test_whoever_may_not_runs_nothing(  # noqa: PLR0913, PLR0917  # fixtures
    phone: Phone, store: SqlStore, slow: Slow, who: int, says: str, verdict: str
) -> None:
    post, (token,) = await phone.shown(PostKind.ANSWER, KEYS)
    assert post.message_id is not None
    slow.go.set()
    calls = await phone.tap(who, TEAM.chat, post.message_id, token)
    assert len(calls) == 1
    assert toasts(calls)[0].startswith(says)
    assert (slow.looks, await states(store)) == (0, {})
    assert await verdicts(store, verdict) == 1


async def test_a_button_of_another_message_or_too_old_runs_nothing(
    phone: Phone, store: SqlStore, slow: Slow, clock: Clock
) -> None:
    slow.go.set()
    post, (token,) = await phone.shown(PostKind.ANSWER, KEYS)
    assert post.message_id is not None
    await phone.tap(BORIS, TEAM.chat, post.message_id + 1, token)
    await phone.tap(BORIS, BORIS, post.message_id, token)
    clock.forward(days=3)
    await phone.tap(BORIS, TEAM.chat, post.message_id, token)
    assert (slow.looks, await states(store)) == (0, {})


async def test_a_viewer_in_private_is_offered_no_such_button(phone: Phone) -> None:
    *_, answer = await phone.say(VERA, "/checks")
    assert "Run checks" not in buttons(answer)
    *_, answer = await phone.say(BORIS, "/checks")
    assert "Run checks" in buttons(answer)


async def test_whoever_waits_no_longer_stops_no_check(phone: Phone, slow: Slow) -> None:
    post, (token,) = await phone.shown(PostKind.ANSWER, KEYS)
    assert post.message_id is not None
    await phone.begin(callback_query=phone.press(BORIS, TEAM.chat, post.message_id, token))
    said = await phone.until(SendMessage)
    leave = buttons(said)["Cancel"]
    await phone.begin(callback_query=phone.press(BORIS, TEAM.chat, phone.session.last_id, leave))
    told = await phone.until(EditMessageText)
    assert texts([told]) == ["The checks go on by themselves; /checks shows what they saw."]
    assert not slow.stopped
    slow.go.set()
    await phone.tasks.done()
    assert not slow.stopped


async def test_a_store_that_fails_is_said_and_the_next_tap_runs_them(  # noqa: PLR0913, PLR0917  # fixtures
    store: SqlStore, book: Book, phone: Phone, slow: Slow, tools: Tools, clock: Clock
) -> None:
    def broken() -> None:
        raise OSError("disk")

    slow.go.set()
    watch = Watch(store=store, tools=tools, book=book, clock=clock, wake=broken)
    answering = phone.dispatcher["answering"]
    phone.dispatcher["answering"] = replace(
        answering, detectors=Detectors(watch=watch, start=phone.tasks.start)
    )
    post, (token,) = await phone.shown(PostKind.ANSWER, KEYS)
    assert post.message_id is not None
    for tries in (1, 2):
        calls = await phone.tap(BORIS, TEAM.chat, post.message_id, token)
        assert any("could not" in text or "wrong" in text for text in texts(calls)), texts(calls)
        assert slow.looks == tries
