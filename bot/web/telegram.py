"""The door for Telegram: a path nobody else knows, and a secret in a header.

Where a request says that it comes from is not looked at: anybody can write that.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from http import HTTPStatus
from secrets import compare_digest

from aiogram import Bot
from aiogram.types import Update
from aiohttp import web
from pydantic import ValidationError

from bot.core.webhook import HEADER, Webhook
from bot.web import bodies
from bot.web.problems import problem, retry

log = logging.getLogger(__name__)

MOST_BYTES = 1_000_000
ANSWER_SECONDS = 50.0  # Telegram hangs up after a minute
AGAIN_SECONDS = 1


@dataclass(kw_only=True)
class TelegramDoor:
    webhook: Webhook
    bot: Bot
    take: Callable[[Update], Awaitable[bool]]
    _warned: bool = field(default=False, init=False)

    def routes(self) -> list[web.RouteDef]:
        return [web.post(path, self._serve) for path in sorted(self.webhook.paths)]

    async def _serve(self, request: web.Request) -> web.Response:
        if not self._is_telegram(request):
            raise web.HTTPNotFound  # as if there were nothing: whoever guesses learns nothing
        update = self._read(await bodies.read(request, MOST_BYTES))
        if update is not None and not await self._taken(update):
            raise retry(HTTPStatus.SERVICE_UNAVAILABLE, "api_busy", AGAIN_SECONDS)
        return web.Response()

    def _is_telegram(self, request: web.Request) -> bool:
        shown = request.headers.get(HEADER, "")
        # As bytes: text that is not ASCII would be an error.
        if compare_digest(shown.encode("utf-8", "surrogateescape"), self.webhook.secret.encode()):
            return True
        if not self._warned:
            self._warned = True
            log.warning("somebody knows the webhook's path and not its secret")
        return False

    def _read(self, body: bytes) -> Update | None:
        """Read the update; None: of no known shape, and it would come again for ever."""
        try:
            return Update.model_validate_json(body, context={"bot": self.bot})
        except ValidationError as error:
            found = error.errors(include_url=False, include_context=False, include_input=False)
            if found[0]["type"] == "json_invalid":
                raise problem(HTTPStatus.BAD_REQUEST, "api_no_json") from error
            where = ".".join(map(str, found[0]["loc"]))
            log.error("an update cannot be read", extra={"where": where, "why": found[0]["msg"]})  # noqa: TRY400  # the trace would show what somebody wrote
            return None

    async def _taken(self, update: Update) -> bool:
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                return await self.take(update)
        except TimeoutError:  # it goes on; when it comes again, it may have ended
            return False
