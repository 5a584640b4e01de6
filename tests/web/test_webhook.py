"""Telegram's webhook over real HTTP: who is let in, what is answered, and what comes again."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any, TypeVar

import httpx
import pytest
from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.types import Update

from bot import web
from bot.core.webhook import HEADER, Webhook, kept
from bot.edges.store import SqlStore
from bot.edges.telegram import turns
from bot.edges.telegram.inbox import Inbox
from bot.edges.telegram.registration import to_polling, to_webhook
from bot.settings_web import Address
from bot.web import health
from bot.web.context import Context
from bot.web.server import WebServer, listen
from bot.web.telegram import MOST_BYTES, TelegramDoor
from demo.telegram import ANN, DEMO_TOKEN, ControlClient, Emulator
from tests.conftest import NOON
from tests.web.conftest import Ticks, client_of, is_problem

T = TypeVar("T")
HOOK = Webhook(base="http://127.0.0.1:1", path="/telegram/nobody-knows", secret="s" * 20)
ME = Bot(DEMO_TOKEN)


def body(number: int, text: str = "hello") -> dict[str, Any]:
    person = {"id": ANN, "is_bot": False, "first_name": "Ann"}
    chat = {"id": ANN, "type": "private", "first_name": "Ann"}
    return {
        "update_id": number,
        "message": {"message_id": 1, "date": 1, "chat": chat, "from": person, "text": text},
    }


def begin(work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
    return asyncio.create_task(work)  # noqa: TID251  # whoever begins it awaits it


class Door:
    """The server with an inbox, and somebody who knocks."""

    def __init__(self, client: httpx.AsyncClient, inbox: Inbox, address: Address) -> None:
        self.client, self.inbox, self.address = client, inbox, address
        self.headers = {HEADER: HOOK.secret}

    async def brings(self, number: int, **headers: str) -> httpx.Response:
        given = self.headers | headers
        return await self.client.post(HOOK.path, json=body(number), headers=given)


Opens = Callable[..., Any]


@pytest.fixture
def opens(context: Context) -> Opens:
    @asynccontextmanager
    async def make(handle: Any, most: int = 200, webhook: Webhook = HOOK) -> AsyncIterator[Door]:  # noqa: ANN401  # a test's own
        inbox = Inbox(handle=handle, stop=asyncio.Event(), most=most)
        door = TelegramDoor(webhook=webhook, bot=ME, take=inbox.take)
        server = WebServer(context, web.endpoints(context), door.routes())
        await server.start(listen(Address("127.0.0.1", 0)))
        running = begin(inbox.run())
        async with client_of(server) as client:
            yield Door(client, inbox, server.address)
        inbox.stop.set()
        await running
        await server.aclose()

    return make


class Noted:
    """Handles updates, and waits where it is told to."""

    def __init__(self) -> None:
        self.begun: list[int] = []
        self.ended: list[int] = []
        self.go_on = asyncio.Event()
        self.reached = asyncio.Event()

    async def __call__(self, update: Update) -> None:
        self.begun.append(update.update_id)
        self.reached.set()
        await self.go_on.wait()
        self.ended.append(update.update_id)


async def test_only_who_shows_the_secret_gets_in_and_others_learn_nothing(opens: Opens) -> None:
    noted = Noted()
    noted.go_on.set()
    async with opens(noted) as door:
        for shown in ("", "s" * 19, "S" * 20, "я" * 20, HOOK.secret + "x"):
            raw = {HEADER.encode(): shown.encode()}
            answer = await door.client.post(HOOK.path, json=body(1), headers=raw)
            assert is_problem(answer, 404, "There is nothing here")
        assert (await door.client.get(HOOK.path)).status_code == 405
        document = (await door.client.get("/openapi.json")).text
        assert HOOK.path not in document
        assert noted.begun == []
        assert (await door.brings(2, **{"X-Forwarded-For": "::1, junk"})).status_code == 200
    assert noted.ended == [2]


async def test_a_proxy_may_take_the_prefix_of_the_address_away_or_leave_it(opens: Opens) -> None:
    noted = Noted()
    noted.go_on.set()
    async with opens(noted, webhook=replace(HOOK, base="https://shop.example/ops/")) as door:
        for number, prefix in enumerate(("", "/ops", "/other")):
            path = prefix + HOOK.path
            answer = await door.client.post(path, json=body(number), headers=door.headers)
            assert answer.status_code == (404 if prefix == "/other" else 200)
    assert noted.ended == [0, 1]


async def test_what_is_not_an_update_is_refused_and_an_unknown_shape_does_not_come_for_ever(
    opens: Opens, caplog: pytest.LogCaptureFixture
) -> None:
    noted = Noted()
    async with opens(noted) as door:

        async def post(content: bytes) -> httpx.Response:
            answer: httpx.Response = await door.client.post(
                HOOK.path, content=content, headers=door.headers
            )
            return answer

        assert is_problem(await post(b"{"), 400)
        assert is_problem(await post(b" " * (MOST_BYTES + 1)), 413)
        assert (await post(b'{"update_id": 1, "message": {"text": "planted"}}')).status_code == 200
    assert noted.begun == []
    assert "an update cannot be read" in caplog.text
    assert "planted" not in caplog.text


async def test_it_is_answered_after_it_is_handled_and_twice_is_once(opens: Opens) -> None:
    noted = Noted()
    async with opens(noted) as door:
        first = begin(door.brings(1))
        await noted.reached.wait()
        second = begin(door.brings(1))
        await asyncio.wait({first, second}, timeout=0.05)
        assert not first.done()
        noted.go_on.set()
        assert {(await each).status_code for each in (first, second)} == {200}
        assert (await door.brings(1)).status_code == 200
    assert noted.ended == [1]


async def test_a_handler_that_fails_is_not_asked_again(opens: Opens) -> None:
    async def fails(_update: Update) -> None:
        raise RuntimeError("broken")

    async with opens(fails) as door:
        assert (await door.brings(1)).status_code == 200


async def test_more_than_there_is_room_for_comes_again(opens: Opens) -> None:
    noted = Noted()
    async with opens(noted, most=1) as door:
        first = begin(door.brings(1))
        await noted.reached.wait()
        waits = begin(door.brings(2))
        await asyncio.wait({waits}, timeout=0.05)
        full = await door.brings(3)
        assert is_problem(full, 503)
        assert full.headers["Retry-After"] == "1"
        noted.go_on.set()
        assert {(await each).status_code for each in (first, waits)} == {200}
        assert (await door.brings(3)).status_code == 200
    assert noted.ended == [1, 2, 3]


async def test_at_the_end_what_was_not_handled_is_not_confirmed(
    opens: Opens, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(turns, "GRACE", 0.01)
    noted = Noted()
    async with opens(noted) as door:
        under_way = begin(door.brings(1))
        await noted.reached.wait()
        waits = begin(door.brings(2))
        await asyncio.wait({waits}, timeout=0.05)
        door.inbox.stop.set()
        assert {(await each).status_code for each in (under_way, waits)} == {503}
        assert (await door.brings(3)).status_code == 503
    assert noted.begun == [1]
    assert noted.ended == []


async def test_path_and_secret_are_made_once_and_kept(store: SqlStore) -> None:
    first = await store.write(lambda tx: kept(tx, "https://a.example", None, NOON))
    later = NOON + timedelta(days=1)
    again = await store.write(lambda tx: kept(tx, "https://b.example/x", None, later))
    assert (again.path, again.secret) == (first.path, first.secret)
    assert again.url == f"https://b.example/x{first.path}"
    assert min(len(first.path), len(first.secret)) > 40
    given = await store.write(lambda tx: kept(tx, "https://a.example", "own" * 10, later))
    assert (given.path, given.secret) == (first.path, "own" * 10)
    assert first.secret not in repr(first)


async def no_pause(_seconds: float) -> None: ...


async def test_switching_there_and_back_loses_no_tap(opens: Opens) -> None:
    noted = Noted()
    noted.go_on.set()
    async with Emulator() as emulator, ControlClient(emulator.url) as phone, opens(noted) as door:
        session = AiohttpSession(api=TelegramAPIServer.from_base(emulator.url))
        bot = Bot(DEMO_TOKEN, session=session)
        await phone.say(ANN, "before")  # nobody polls yet: it waits
        webhook = replace(HOOK, base=f"http://{door.address}")
        fault = {"kind": "refuse", "method": "setWebhook", "times": 1, "status": 429}
        wait = {
            "description": "Too Many Requests: retry after 7",
            "parameters": {"retry_after": 7},
        }
        await phone.call("POST", "faults", fault | wait)
        pauses: list[float] = []

        async def pause(seconds: float) -> None:
            pauses.append(seconds)

        await to_webhook(bot, webhook, ["message"], pause)
        assert pauses == [7]
        await phone.say(ANN, "brought")
        async with asyncio.timeout(10):
            while len(noted.ended) < 2:  # noqa: ASYNC110  # the emulator pushes
                await asyncio.sleep(0.01)
            while emulator.state.updates.pending:  # noqa: ASYNC110  # likewise
                await asyncio.sleep(0.01)
        assert emulator.state.updates.allowed == {"message"}
        await to_polling(bot, no_pause)
        await phone.say(ANN, "asked for")
        [update] = await bot.get_updates()
        assert update.message is not None
        assert update.message.text == "asked for"
        await session.close()
    assert len(noted.ended) == 2


async def test_ready_says_how_the_webhook_does(ticks: Ticks) -> None:
    async with Emulator() as emulator:
        session = AiohttpSession(api=TelegramAPIServer.from_base(emulator.url))
        bot = Bot(DEMO_TOKEN, session=session)
        watch = health.WebhookWatch(bot=bot, url=HOOK.url, clock=ticks)

        async def key() -> str | None:
            ticks.now += 61
            why = await watch()
            return why.key if why is not None else None

        assert await key() == "api_webhook_lost"
        hook = emulator.state.updates.webhook
        hook.url = HOOK.url
        assert (await watch()) is not None, "asked once a minute"
        assert await key() is None
        hook.last_error = "Wrong response from the webhook: 502 Bad Gateway"
        assert await key() is None, "it was long ago, nothing waits"
        emulator.state.updates.push("message", body(1)["message"])
        assert await key() == "api_webhook_fails"
        emulator.state.faults.outage = True
        assert await key() == "api_webhook_unasked"
        await session.close()
