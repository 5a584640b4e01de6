"""Counts requests to Telegram on the session, where every one of them passes."""

import time
from dataclasses import dataclass

from aiogram import Bot
from aiogram.client.session.middlewares.base import (
    BaseRequestMiddleware,
    NextRequestMiddlewareType,
)
from aiogram.methods import GetUpdates, Response, TelegramMethod
from aiogram.methods.base import TelegramType

from bot.edges.metrics import Metrics


@dataclass(eq=False)
class Meter(BaseRequestMiddleware):
    """`bot.session.middleware(Meter(metrics))`."""

    metrics: Metrics

    async def __call__(
        self,
        make_request: NextRequestMiddlewareType[TelegramType],
        bot: Bot,
        method: TelegramMethod[TelegramType],
    ) -> Response[TelegramType]:
        name, began = type(method).__name__, time.monotonic()
        try:
            return await make_request(bot, method)
        except Exception as error:
            self.metrics.telegram_errors.labels(name, type(error).__name__).inc()
            raise
        finally:
            if not isinstance(method, GetUpdates):  # it waits for people, not for Telegram
                self.metrics.telegram_seconds.labels(name).observe(time.monotonic() - began)
