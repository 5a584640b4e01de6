"""What Telegram's answers say about us, watched on the session: polling would hide it.

aiogram's `start_polling` catches every error of getUpdates, logs it and goes on for ever.
"""

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from aiogram import Bot
from aiogram.client.session.middlewares.base import (
    BaseRequestMiddleware,
    NextRequestMiddlewareType,
)
from aiogram.exceptions import (
    TelegramConflictError,
    TelegramNotFound,
    TelegramUnauthorizedError,
)
from aiogram.methods import GetUpdates, Response, TelegramMethod
from aiogram.methods.base import TelegramType

log = logging.getLogger(__name__)


@dataclass(eq=False)
class TelegramHealth(BaseRequestMiddleware):
    """`bot.session.middleware(health)`; `problems()` is for whoever reports health."""

    conflict: bool = False  # somebody else polls with our token: taps go astray
    token_refused: bool = False
    updates_at: float | None = None  # when a request for updates was last answered
    clock: Callable[[], float] = time.monotonic

    def problems(self) -> Sequence[str]:
        found = {"conflict": self.conflict, "token refused": self.token_refused}
        return [name for name, holds in found.items() if holds]

    async def __call__(
        self,
        make_request: NextRequestMiddlewareType[TelegramType],
        bot: Bot,
        method: TelegramMethod[TelegramType],
    ) -> Response[TelegramType]:
        try:
            answer = await make_request(bot, method)
        except TelegramConflictError:
            if not self.conflict:
                log.error("another process asks for updates with the same bot token")  # noqa: TRY400  # the trace says nothing more
            self.conflict = True
            raise
        except (TelegramUnauthorizedError, TelegramNotFound):
            if not self.token_refused:
                log.error("Telegram does not know the bot token")  # noqa: TRY400  # likewise
            self.token_refused = True
            raise
        self.token_refused = False
        if isinstance(method, GetUpdates):
            self.conflict = False
            self.updates_at = self.clock()
        return answer
