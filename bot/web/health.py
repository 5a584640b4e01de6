"""Alive, ready, and figures: three different questions.

Alive says only that the event loop answers: whoever restarts us on that must not do so because
Telegram is away. Ready says whether alerts would be seen and told.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Literal

from aiogram import Bot
from aiogram.exceptions import ClientDecodeError, TelegramAPIError
from aiogram.types import WebhookInfo
from pydantic import BaseModel, Field

from bot.core.grants import Grant
from bot.core.heartbeat import Pulse
from bot.core.model import Phrase, phrase
from bot.core.ports import Store
from bot.edges.clock import utc_now
from bot.edges.telegram.health import TelegramHealth
from bot.web.context import Context, Part
from bot.web.endpoint import AnyEndpoint, Call, Endpoint, Nothing, Reply

PART_SECONDS = 5.0
SILENT_AFTER = 90.0  # seconds; a request for updates is answered every ten or so
WEBHOOK_KEPT_FOR = 60.0  # seconds
KEPT_FOR = 2.0  # seconds; asked more often, the tables are not written to each time
EXPOSITION = "text/plain; version=0.0.4; charset=utf-8"
Empty = Call[Nothing, Nothing, Nothing]


class Alive(BaseModel):
    status: Literal["healthy"] = "healthy"


class PartState(BaseModel):
    name: str
    ok: bool
    why: str | None = Field(default=None, description="What is wrong, in a sentence.")


class Ready(BaseModel):
    status: Literal["ready", "not ready"]
    parts: list[PartState]
    switched_off: list[str] = Field(description="Checks that are switched off by their setting.")


def endpoints(context: Context) -> list[AnyEndpoint]:
    async def alive(_call: Empty) -> Alive:
        return Alive()

    async def ready(_call: Empty) -> Reply:
        states = await asyncio.gather(
            *(_state(context, name, part) for name, part in context.parts.items())
        )
        well = all(one.ok for one in states)
        off = [name for name, one in context.book.runbooks.items() if not one.enabled]
        body = Ready(status="ready" if well else "not ready", parts=list(states), switched_off=off)
        return Reply(body, HTTPStatus.OK if well else HTTPStatus.SERVICE_UNAVAILABLE)

    async def metrics(_call: Empty) -> Reply:
        return Reply(await context.metrics(), media=EXPOSITION)

    return [
        Endpoint(
            method="GET",
            path="/health",
            name="health",
            about="Alive: the process answers. Says nothing about Telegram or the shop.",
            work=alive,
            answer=Alive,
            needs=None,
            head=True,
            group="Health",
        ),
        Endpoint(
            method="GET",
            path="/ready",
            name="ready",
            about="Ready: updates come in, the state database can be written, rounds complete. "
            "Each part with its reason.",
            work=ready,
            answer=Ready,
            needs=Grant.VIEWER,
            also={HTTPStatus.SERVICE_UNAVAILABLE: "Not ready; the parts say why."},
            head=True,
            group="Health",
        ),
        Endpoint(
            method="GET",
            path="/metrics",
            name="metrics",
            about="Figures of the assistant itself, as Prometheus reads them.",
            work=metrics,
            answer=EXPOSITION,
            needs=Grant.VIEWER,
            local=True,
            head=True,
            group="Health",
        ),
    ]


async def _state(context: Context, name: str, part: Part) -> PartState:
    try:
        async with asyncio.timeout(PART_SECONDS):
            why = await part()
    except TimeoutError:
        why = phrase("api_too_slow", seconds=PART_SECONDS)
    return PartState(
        name=name, ok=why is None, why=context.templates.say_plain(why) if why else None
    )


def polling(health: TelegramHealth) -> Part:
    """Updates come in by long polling."""

    async def look() -> Phrase | None:
        if problems := health.problems():
            return phrase("api_polling_problem", problems=list(problems))
        if health.updates_at is None:
            return phrase("api_polling_not_yet")
        silence = health.clock() - health.updates_at
        return phrase("api_polling_silent", seconds=silence) if silence > SILENT_AFTER else None

    return look


@dataclass(kw_only=True)
class WebhookWatch:
    """Telegram brings updates: it is asked how that goes, once a minute at most."""

    bot: Bot
    url: str
    clock: Callable[[], float]
    _asked: float = float("-inf")
    _why: Phrase | None = None

    async def __call__(self) -> Phrase | None:
        if self.clock() - self._asked < WEBHOOK_KEPT_FOR:
            return self._why
        self._asked = self.clock()
        try:
            info = await self.bot.get_webhook_info(request_timeout=int(PART_SECONDS) - 1)
        except (TelegramAPIError, ClientDecodeError):
            self._why = phrase("api_webhook_unasked")
        else:
            self._why = self._judged(info)
        return self._why

    def _judged(self, info: WebhookInfo) -> Phrase | None:
        if (
            info.url != self.url
        ):  # somebody polls, or has set another; which is not said, it is secret
            return phrase("api_webhook_lost")
        waiting = info.pending_update_count
        if waiting and info.last_error_message:
            return phrase("api_webhook_fails", waiting=waiting, words=info.last_error_message)
        return None


@dataclass(kw_only=True)
class Writable:
    """The state database takes writes: tried for real, every other second at most."""

    store: Store
    monotonic: Callable[[], float]
    _tried: float = float("-inf")

    async def __call__(self) -> Phrase | None:
        if self.monotonic() - self._tried < KEPT_FOR:
            return None
        try:
            await self.store.write(lambda tx: tx.remember("http:ready", 1, utc_now()))
        except Exception:  # noqa: BLE001  # whatever it is: nothing can be kept, the answer says so
            return phrase("api_not_written")
        self._tried = self.monotonic()
        return None


def rounds(pulse: Pulse) -> Part:
    """Checks complete their rounds."""

    async def look() -> Phrase | None:
        if late := pulse.late():
            return phrase("api_rounds_late", checks=_names(late))
        unseen = pulse.unseen()
        return phrase("api_rounds_unseen", checks=_names(unseen)) if unseen else None

    return look


def _names(checks: Sequence[str]) -> list[str]:
    return [name.removeprefix("check_") for name in checks]
