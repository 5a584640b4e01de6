"""The control API as Python calls, for end-to-end tests."""

import asyncio
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Any, Self

import aiohttp

from demo.telegram.world import Json

Predicate = Callable[[Json], bool]
TIMEOUT = 10.0


class ControlError(RuntimeError):
    """The emulator refused a control call; the text is its reason."""


class NothingCame(AssertionError):  # noqa: N818  # reads as the failure of a test
    """What a test waited for did not happen in time; the text shows what did."""


@dataclass(slots=True)
class ControlClient:
    """`async with ControlClient(emulator.url) as phone: await phone.say(ANN, "/status")`."""

    url: str
    _stack: AsyncExitStack = field(default_factory=AsyncExitStack)
    _session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        self._session = await self._stack.enter_async_context(aiohttp.ClientSession(self.url))
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._stack.aclose()

    async def call(self, method: str, path: str, body: object = None) -> Any:  # noqa: ANN401  # JSON
        if self._session is None:
            raise ControlError("use the client in an `async with` block")
        async with self._session.request(method, f"/control/{path}", json=body) as answer:
            result = await answer.json()
            if not answer.ok:
                raise ControlError(str(result.get("error", answer.status)))
            return result

    async def say(self, user: int, text: str, chat: int = 0, **more: object) -> Json:
        """Speak as a person; `more` as in `people.Say`. Returns chat, message and update ids."""
        body = {"user": user, "text": text, "chat": chat} | more
        return dict(await self.call("POST", "say", body))

    async def tap(
        self, user: int, message: Json, text: str = "", *, data: str = "", **more: object
    ) -> str:
        """Press a button of a message that `messages` or `wait_for` gave; return the query id."""
        place = {"chat": message["chat_id"], "message_id": message["message_id"]}
        body = {"user": user, "text": text, "data": data} | place | more
        return str((await self.call("POST", "tap", body))["query_id"])

    async def tap_and_wait(
        self,
        user: int,
        message: Json,
        text: str,
        *,
        timeout: float = TIMEOUT,  # noqa: ASYNC109
    ) -> Json:
        """Press a button and return the answer the bot gave: text, show_alert."""
        return await self.answer(await self.tap(user, message, text), timeout=timeout)

    async def answer(self, query_id: str, *, timeout: float = TIMEOUT) -> Json:  # noqa: ASYNC109
        found = dict(await self.call("GET", f"queries/{query_id}?wait={timeout}"))
        if not found["answered"]:
            raise NothingCame(f"the bot did not answer the tap {found}")
        return found

    async def toasts(self) -> list[Json]:
        """Return all answered taps, oldest first."""
        queries = (await self.call("GET", "queries"))["queries"]
        return [query for query in queries if query["answered"]]

    async def messages(self, chat: int, after: int = 0) -> list[Json]:
        return list((await self.call("GET", f"chats/{chat}/messages?after={after}"))["messages"])

    async def chats(self, user: int = 0) -> list[Json]:
        return list((await self.call("GET", f"chats?user={user}"))["chats"])

    async def menu(self, user: int, chat: int = 0) -> list[Json]:
        path = f"menu?user={user}&chat={chat or user}"
        return list((await self.call("GET", path))["commands"])

    async def wait_for(
        self,
        chat: int,
        predicate: Predicate,
        *,
        timeout: float = TIMEOUT,  # noqa: ASYNC109  # one deadline over many requests
    ) -> Json:
        """Return the newest message of a chat that satisfies the predicate, as soon as one does.

        Raises `NothingCame` with the chat's last messages.
        """
        try:
            async with asyncio.timeout(timeout):
                return await self._first(chat, predicate)
        except TimeoutError:
            texts = [message["text"] for message in (await self.messages(chat))[-5:]]
            raise NothingCame(
                f"not in chat {chat} within {timeout} s; last there: {texts}"
            ) from None

    async def _first(self, chat: int, predicate: Predicate) -> Json:
        while True:
            last = (await self.call("GET", "world"))["last"]
            for message in reversed(await self.messages(chat)):
                if predicate(message):
                    return message
            await self.call("GET", f"events?after={last}&wait=30")

    async def events(self, after: int = 0, wait: float = 0) -> Json:
        return dict(await self.call("GET", f"events?after={after}&wait={wait}"))

    async def delete(self, user: int, message: Json) -> None:
        place = {"chat": message["chat_id"], "message_id": message["message_id"]}
        await self.call("POST", "delete", {"user": user} | place)

    async def block(self, user: int, *, blocked: bool = True) -> None:
        """Block the bot in a person's private chat, or unblock it."""
        await self.set_bot(user, user, "kicked" if blocked else "member")

    async def kick(self, chat: int, by: int) -> None:
        await self.set_bot(chat, by, "kicked")

    async def set_bot(self, chat: int, by: int, status: str) -> None:
        await self.call("POST", "bot", {"chat": chat, "user": by, "status": status})

    async def add_room(self, room: Json) -> None:
        await self.call("POST", "rooms", room)

    async def migrate(self, chat: int, by: int) -> int:
        return int((await self.call("POST", "migrate", {"chat": chat, "user": by}))["chat_id"])

    async def fault(self, kind: str = "refuse", **more: object) -> None:
        """Plan a fault; `more` as in `faults.Fault`."""
        await self.call("POST", "faults", {"kind": kind} | more)

    async def clear_faults(self) -> None:
        await self.call("DELETE", "faults")

    async def outage(self, *, on: bool) -> None:
        await self.call("POST", "outage", {"on": on})

    async def limits(self, *, on: bool) -> None:
        await self.call("POST", "limits", {"on": on})

    async def calls(self) -> Json:
        """Return {"methods": {name: count}, "answers": {status: count}, "refused_by_limits"}."""
        return dict(await self.call("GET", "calls"))

    async def called(
        self,
        method: str,
        count: int = 1,
        *,
        timeout: float = TIMEOUT,  # noqa: ASYNC109  # the server's
    ) -> None:
        """Wait until the bot has called a method so many times."""
        path = f"calls?method={method}&count={count}&wait={timeout}"
        methods = (await self.call("GET", path))["methods"]
        if methods.get(method.lower(), 0) < count:
            raise NothingCame(f"{method} was not called {count} times: {methods}")

    async def reset(self) -> None:
        await self.call("POST", "reset")
