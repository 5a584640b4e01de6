"""The way in: a webhook that works or none in the way, and not the token of SoVAni's own bot."""

import asyncio
import os
from collections.abc import Sequence
from typing import Final

from dotenv import dotenv_values

from bot.core.model import phrase
from bot.doctor import Case, Result, _webhook, fine, ill, skipped
from bot.doctor._http import host
from bot.doctor._telegram import Answer, Said, call
from bot.doctor.state_database import is_running

NUMBER: Final = 20
WHAT: Final = _webhook.WHAT
SHOP_BOT: Final = "TELEGRAM_TOKEN"  # SoVAni's name for the token of its own bot


async def examine(case: Case) -> Sequence[Result]:
    named = {dotenv_values(path).get(SHOP_BOT) for path in case.files}
    if case.settings.bot_token.get_secret_value() in {*named, os.environ.get(SHOP_BOT)}:
        return [ill(WHAT, phrase("doctor_token_shared"), phrase("doctor_mend_token_shared"))]
    answer = await call(case, "getWebhookInfo")
    if (base := case.settings.webhook_url) is None:
        return [judge(answer)]
    return await _by_webhook(case, base, answer)


def judge(answer: Answer) -> Result:
    """Polling is free unless a webhook is set."""
    match answer:
        case Said({"url": str(url)} as info) if url:
            # Its path is often a secret.
            last = info.get("last_error_message")
            said = phrase("doctor_webhook_set", host=host(url), error=last and str(last))
            return ill(WHAT, said, phrase("doctor_mend_webhook"))
        case Said(info):
            waiting = info.get("pending_update_count", 0)
            return fine(WHAT, phrase("doctor_updates_free", waiting=waiting))
        case _:
            return skipped(WHAT, phrase("doctor_needs_telegram"))


async def _by_webhook(case: Case, base: str, answer: Answer) -> Sequence[Result]:
    given, state = case.settings.webhook_secret, case.settings.state_path
    secret = given.get_secret_value() if given else None
    ours = await asyncio.to_thread(_webhook.kept, state, base, secret)
    running = await is_running(state)
    if not isinstance(answer, Said):
        found = skipped(WHAT, phrase("doctor_needs_telegram"))
    else:
        found = _webhook.judge(answer.result, base, ours, case.clock(), running=running)
    if ours is None or not running:
        return [found, skipped(_webhook.DOOR, phrase("doctor_door_closed"))]
    return [found, await _webhook.knock(case, ours)]
