"""A thread that sees the loop hang, and a ping that somebody far away expects."""

import asyncio
import logging
import threading
import time
from collections.abc import Callable
from dataclasses import replace

import pytest

from bot.core.book import Book
from bot.core.heartbeat import Pulse
from bot.core.model import Severity, fires
from bot.core.ports import Tx
from bot.core.records import PostState
from bot.core.runbook import Runbook
from bot.core.watch import record
from bot.edges.heartbeat import Heartbeat, Watchdog
from bot.edges.http import Limits
from bot.edges.store import SqlStore
from tests import fakes
from tests.conftest import Clock
from tests.edges.raw_server import http, raw_server

LATE = {"check_cash": 300.0}


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not true():  # noqa: ASYNC110  # a thread is the event
            await asyncio.sleep(0.005)


async def test_a_check_that_hangs_calls_the_loop_once(caplog: pytest.LogCaptureFixture) -> None:
    now = [0.0]
    pulse = Pulse(every=LATE, limit=30, clock=lambda: now[0])
    calls: list[int] = []
    with Watchdog(pulse, lambda: calls.append(threading.get_ident()), look=0.005):
        now[0] = 901
        await until(lambda: bool(calls))
        await asyncio.sleep(0.03)  # several more looks
        pulse.beat("check_cash")
        await until(lambda: "check goes on" in caplog.text)
    assert calls == [threading.get_ident()]
    [line] = [one for one in caplog.records if one.levelno == logging.ERROR]
    assert vars(line)["check"] == "check_cash"


async def test_a_blocked_loop_is_logged_with_the_place_it_is_blocked_at(
    caplog: pytest.LogCaptureFixture,
) -> None:
    pulse = Pulse(every={}, limit=30, clock=time.monotonic)

    def block() -> None:
        end = time.monotonic() + 5
        while "blocked" not in caplog.text and time.monotonic() < end:
            time.sleep(0.005)

    with Watchdog(pulse, lambda: None, look=0.01, blocked_after=0.1):
        block()
        await until(lambda: "the event loop goes on" in caplog.text)
    [line] = [one for one in caplog.records if one.levelno == logging.ERROR]
    assert "in block" in vars(line)["where"]


async def test_hanging_checks_are_logged_while_the_loop_is_blocked(
    caplog: pytest.LogCaptureFixture,
) -> None:
    now = [0.0]
    pulse = Pulse(every=LATE, limit=30, clock=lambda: now[0])
    with Watchdog(pulse, lambda: None, look=0.005):
        now[0] = 901
        end = time.monotonic() + 5
        while "check hangs" not in caplog.text and time.monotonic() < end:
            time.sleep(0.005)  # noqa: ASYNC251  # to block the loop is the point
    assert "check hangs" in caplog.text


class Far:
    """The heartbeat of two checks towards a server."""

    def __init__(self, url: str, store: SqlStore, clock: Clock, *, limit: float = 2) -> None:
        self.now = 0.0
        self.pulse = Pulse(every={"a": 60, "b": 60}, limit=30, clock=lambda: self.now)
        self.heart = Heartbeat(
            url=url,
            pulse=self.pulse,
            store=store,
            clock=clock,
            limits=Limits(seconds=limit, size=1000),
        )

    async def round(self) -> bool:
        self.now += 61
        self.pulse.beat("a")
        self.pulse.beat("b")
        self.now += 1
        try:
            return await self.heart.look()
        finally:
            await self.heart.aclose()


async def test_a_complete_round_is_a_ping_with_its_query(store: SqlStore, clock: Clock) -> None:
    async with raw_server(http("OK")) as server:
        far = Far(f"{server.url}/uuid?rid=7", store, clock)
        far.now = 70
        far.pulse.beat("a")
        assert not await far.heart.look()
        assert await far.round()
        [request] = server.requests
        assert request.startswith("GET /uuid?rid=7 ")


async def test_it_pings_once_a_minute_at_most(store: SqlStore, clock: Clock) -> None:
    async with raw_server(http("OK")) as server:
        far = Far(f"{server.url}/uuid", store, clock)
        assert await far.round()
        for _ in range(3):
            far.now += 10
            far.pulse.beat("a")
            far.pulse.beat("b")
            far.now += 1
            assert not await far.heart.look()
        assert len(server.requests) == 1


async def test_a_check_that_hangs_stops_the_ping(store: SqlStore, clock: Clock) -> None:
    async with raw_server(http("OK")) as server:
        far = Far(f"{server.url}/uuid", store, clock)
        assert await far.round()
        for _ in range(5):
            far.now += 61
            far.pulse.beat("a")
            assert not await far.heart.look()
        assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (http("no", status=500), "http_status 500"),
        (b"", "http_broken_off"),
        (http("x" * 2000), "http_too_large"),
    ],
)
async def test_a_failure_is_logged_once_and_never_with_the_address(
    store: SqlStore, clock: Clock, caplog: pytest.LogCaptureFixture, answer: bytes, why: str
) -> None:
    caplog.set_level(logging.INFO, "bot")
    async with raw_server(answer) as server:
        far = Far(f"{server.url}/secret-uuid", store, clock)
        assert not await far.round()
        far.heart.__post_init__()
        far.heart._trouble = why  # noqa: SLF001  # a new client in place of the closed one
        assert not await far.round()
    lines = [one for one in caplog.records if one.name == "bot.edges.heartbeat"]
    assert [vars(one)["why"] for one in lines] == [why]
    assert "secret-uuid" not in caplog.text


async def test_a_server_that_does_not_answer_is_not_waited_for(
    store: SqlStore, clock: Clock
) -> None:
    async def silent(_writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(60)

    async with raw_server(silent) as server:
        far = Far(server.url, store, clock, limit=0.05)
        assert not await far.round()


async def test_no_ping_while_an_alert_can_be_shown_to_nobody(  # fixtures
    store: SqlStore,
    book: Book,
    runbook: Runbook,
    clock: Clock,
    caplog: pytest.LogCaptureFixture,
) -> None:
    sick = fires("shop database", Severity.WARNING, **fakes.FULL)
    now = clock()
    await store.write(lambda tx: record(tx, book, runbook, [sick], now))
    async with raw_server(http("OK")) as server:
        clock.forward(minutes=9)
        assert await Far(server.url, store, clock).round()
        clock.forward(minutes=2)
        assert not await Far(server.url, store, clock).round()
        assert "no heartbeat" in caplog.text

        def show(tx: Tx) -> None:
            [post] = tx.posts.of_alert(1)
            tx.posts.save(replace(post, state=PostState.SHOWN, shown=1, message_id=100))

        await store.write(show)
        assert await Far(server.url, store, clock).round()
