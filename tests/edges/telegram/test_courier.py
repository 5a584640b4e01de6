"""The chats show what the tables say, whatever Telegram does. Against the emulator, over HTTP."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from aiogram import Bot
from aiogram.client.default import DefaultBotProperties
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer

from bot.core.book import Book
from bot.core.model import Severity, fires, ok
from bot.core.policy import Policy
from bot.core.records import Post, PostState
from bot.core.runbook import Runbook
from bot.core.watch import record
from bot.edges.cards import Cards
from bot.edges.store import SqlStore
from bot.edges.tasks import Tasks
from bot.edges.telegram.courier import Courier
from bot.edges.telegram.limits import Pace
from bot.edges.templates import Templates
from bot.settings_types import ChatRef
from demo.telegram import ADMINS, ANN, DEMO_TOKEN, SHOP_TEAM, ControlClient, Emulator, Json
from tests import fakes
from tests.conftest import Clock

SICK = fires("shop database", Severity.WARNING, **fakes.FULL)
WORSE = fires("shop database", Severity.ERROR, **fakes.FULL, note="worse")
OTHER = fires("shop database", Severity.WARNING, **fakes.FULL, note="other numbers")
WELL = ok("shop database", **fakes.SLIM)


class Office:
    """A courier at work between real tables and a real HTTP server."""

    def __init__(  # noqa: PLR0913, PLR0917  # all its parts
        self,
        store: SqlStore,
        book: Book,
        runbook: Runbook,
        clock: Clock,
        bot: Bot,
        phone: ControlClient,
    ) -> None:
        self.store, self.book, self.runbook, self.clock = store, book, runbook, clock
        self.phone = phone
        self.tasks = Tasks()
        templates = Templates(zone=ZoneInfo("Europe/Moscow"), clock=clock)
        self.waits: list[float] = []
        self.courier = Courier(
            bot=bot,
            store=store,
            cards=Cards(templates=templates, book=book),
            pace=Pace(self._monotonic),
            tasks=self.tasks,
            clock=clock,
            sleep=self._sleep,
        )

    def _monotonic(self) -> float:
        return self.clock().timestamp()

    async def _sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.clock.forward(seconds=seconds)

    async def sees(self, *readings: object) -> None:
        now = self.clock()
        await self.store.write(
            lambda tx: record(tx, self.book, self.runbook, readings, now)  # type: ignore[arg-type]  # readings
        )

    async def deliver(self) -> None:
        """Let the courier work until it has nothing that is due now."""
        running = asyncio.ensure_future(self.courier.run())  # noqa: TID251  # cancelled below
        try:
            async with asyncio.timeout(5):
                while await self._busy():  # noqa: ASYNC110  # the emulator is the event
                    await asyncio.sleep(0.01)
        finally:
            running.cancel()
            with suppress(asyncio.CancelledError):
                await running

    async def _busy(self) -> bool:
        await asyncio.sleep(0.02)
        now = self.clock()
        if self.courier.line.down and self.courier.line.wait:
            return bool(self.courier._lanes)  # noqa: SLF001  # to know when it rests
        due = await self.store.read(lambda tx: list(tx.posts.due_chats(now)))
        return bool(due or self.courier._lanes)  # noqa: SLF001  # to know when it rests

    async def posts(self) -> list[Post]:
        return await self.store.read(lambda tx: list(tx.posts.of_alert(1)))

    async def chat(self, chat: int = SHOP_TEAM) -> list[Json]:
        return [message for message in await self.phone.messages(chat) if message["out"]]


@pytest.fixture
def policy(policy: Policy) -> Policy:
    return replace(policy, admin_chat=ChatRef(ADMINS), alert_chats=(ChatRef(SHOP_TEAM),))


@pytest.fixture
async def emulator() -> AsyncIterator[Emulator]:
    async with Emulator() as running:
        yield running


@pytest.fixture
async def office(
    store: SqlStore, book: Book, runbook: Runbook, clock: Clock, emulator: Emulator
) -> AsyncIterator[Office]:
    session = AiohttpSession(api=TelegramAPIServer.from_base(emulator.url), timeout=2)
    default = DefaultBotProperties(parse_mode="HTML", link_preview_is_disabled=True)
    bot = Bot(DEMO_TOKEN, session=session, default=default)
    async with ControlClient(emulator.url) as phone:
        office = Office(store, book, runbook, clock, bot, phone)
        yield office
        await office.tasks.close()
    await session.close()


async def test_one_card_for_one_alert_edited_in_place(office: Office) -> None:
    await office.sees(SICK)
    await office.deliver()
    [card] = await office.chat()
    assert card["text"].splitlines()[0] == "🟡 The database is 5.6 GB, the limit is 5.0 GB"
    assert [button["text"] for row in card["buttons"] for button in row] == [
        "Run VACUUM",
        "Acknowledge",
        "Silence 1h",
        "More…",
        "Diagnose",
        "Runbook",
    ]

    await office.sees(WELL)
    await office.deliver()
    [card] = await office.chat()
    assert card["text"].startswith("✅ The database is 3.1 GB again")
    assert not card["buttons"]


async def test_ten_changes_while_it_waits_become_one_edit(office: Office) -> None:
    await office.sees(SICK)
    await office.deliver()
    for _ in range(5):
        await office.sees(WORSE)
        await office.sees(SICK)
    await office.sees(WORSE)
    await office.deliver()
    calls = await office.phone.calls()
    assert calls["methods"]["editmessagetext"] == 1


async def test_what_opened_and_healed_unseen_is_told_once(office: Office) -> None:
    await office.sees(SICK)
    await office.sees(WELL)
    await office.deliver()
    [card] = await office.chat()
    assert card["text"].startswith("✅")


async def test_a_lost_answer_is_repeated_once_and_says_so(office: Office, clock: Clock) -> None:
    await office.phone.fault("drop_after", method="sendMessage")
    await office.sees(SICK)
    await office.deliver()
    assert [post.state for post in await office.posts()] == [PostState.UNCERTAIN]

    clock.forward(seconds=31)
    await office.deliver()
    first, second = await office.chat()
    assert "sent again" not in first["text"]
    assert "sent again" in second["text"]
    clock.forward(hours=1)
    await office.deliver()
    assert len(await office.chat()) == 2


async def test_a_request_cut_off_by_a_crash_is_uncertain_not_forgotten(office: Office) -> None:
    await office.sees(SICK)
    [post] = await office.posts()
    await office.store.write(lambda tx: tx.posts.save(replace(post, state=PostState.SENDING)))
    await office.courier.recover()
    await office.deliver()
    [card] = await office.chat()
    assert "sent again" in card["text"]


async def test_a_refused_connection_is_tried_again(office: Office, clock: Clock) -> None:
    await office.phone.outage(on=True)
    await office.sees(SICK)
    await office.deliver()
    assert await office.chat() == []

    await office.phone.outage(on=False)
    clock.forward(minutes=2)
    await office.deliver()
    assert len(await office.chat()) == 1


async def test_retry_after_is_obeyed_and_spends_no_attempt(office: Office, clock: Clock) -> None:
    await office.phone.fault(
        status=429, description="Too Many Requests: retry after 7", parameters={"retry_after": 7}
    )
    await office.sees(SICK)
    began = clock()
    await office.deliver()
    [post] = await office.posts()
    assert office.waits[0] == pytest.approx(7)
    assert clock() >= began + timedelta(seconds=7)
    assert (post.attempts, len(await office.chat())) == (0, 1)


async def test_refused_markup_becomes_the_same_card_as_text(office: Office) -> None:
    await office.phone.fault(description="Bad Request: can't parse entities: oops")
    await office.sees(SICK)
    await office.deliver()
    [card] = await office.chat()
    assert "The database is 5.6 GB" in card["text"]
    assert "<b>" not in card["text"]
    assert card["buttons"]


async def test_a_deleted_card_is_posted_anew(office: Office) -> None:
    await office.sees(SICK)
    await office.deliver()
    [card] = await office.chat()
    await office.phone.delete(ANN, card)
    office.clock.forward(minutes=2)
    await office.sees(OTHER)
    await office.deliver()
    [again] = await office.chat()
    assert again["message_id"] != card["message_id"]


async def test_a_chat_that_became_a_supergroup_is_followed(office: Office) -> None:
    await office.sees(SICK)
    await office.deliver()
    new = await office.phone.migrate(SHOP_TEAM, ANN)
    office.clock.forward(minutes=2)
    await office.sees(OTHER)
    await office.deliver()
    assert len(await office.chat(new)) == 1
    [post] = await office.posts()
    assert post.chat_id == new


async def test_a_chat_that_kicked_us_loses_no_alert(office: Office) -> None:
    await office.phone.kick(SHOP_TEAM, ANN)
    await office.sees(SICK)
    await office.deliver()
    states = {post.chat_id: post.state for post in await office.posts()}
    assert states == {SHOP_TEAM: PostState.DEAD, ADMINS: PostState.SHOWN}
    notice, card = await office.chat(ADMINS)
    assert "bot was kicked" in notice["text"]
    assert "The database is 5.6 GB" in card["text"]


@pytest.mark.parametrize("kind", ["html", "refuse"])
async def test_any_odd_answer_is_tried_again(office: Office, clock: Clock, kind: str) -> None:
    await office.phone.fault(kind, status=502, description="Bad Gateway")
    await office.sees(SICK)
    await office.deliver()
    clock.forward(minutes=1)
    await office.deliver()
    [post] = await office.posts()
    assert post.state is PostState.SHOWN


async def test_one_dead_chat_stops_no_other(office: Office) -> None:
    await office.phone.kick(SHOP_TEAM, ANN)
    await office.sees(fires("cash", Severity.CRITICAL, **fakes.FULL))
    await office.deliver()
    assert sum("5.6 GB" in card["text"] for card in await office.chat(ADMINS)) == 1
