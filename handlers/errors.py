"""What nobody foresaw: into the log once, and a sentence to whoever waits."""

import logging

from aiogram import Router
from aiogram.types import ErrorEvent

from bot.core.model import phrase
from handlers.answering import Answering
from handlers.place import place_of

log = logging.getLogger(__name__)


def build() -> Router:
    router = Router(name="errors")
    router.errors.register(failed)
    return router


async def failed(event: ErrorEvent, answering: Answering) -> bool:
    update = event.update
    log.error(
        "update failed",
        extra={"update": update.update_id, "kind": update.event_type},
        exc_info=event.exception,
    )
    if update.callback_query is not None:
        answering.toast(update.callback_query, phrase("answer_failed"), loud=True)
    elif update.message is not None:
        answering.say(phrase("answer_failed"), place_of(update.message))
    return True
