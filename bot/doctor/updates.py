"""The way in: a webhook that works or none in the way, and not the token of SoVAni's own bot.

Another poller cannot be seen without ending its request, so nothing is polled here.
"""

import os
from collections.abc import Mapping, Sequence
from typing import Final

from dotenv import dotenv_values

from bot.core.model import phrase
from bot.doctor import Case, Result, fine, ill, skipped
from bot.doctor._http import host
from bot.doctor._telegram import Answer, Said, call

NUMBER: Final = 20
WHAT: Final = phrase("doctor_updates")
SHOP_BOT: Final = "TELEGRAM_TOKEN"  # SoVAni's name for the token of its own bot


async def examine(case: Case) -> Sequence[Result]:
    values = {**dotenv_values(case.folder / ".env"), **os.environ}
    if _is_shared(case.settings.bot_token.get_secret_value(), values):
        return [ill(WHAT, phrase("doctor_token_shared"), phrase("doctor_mend_token_shared"))]
    return [judge(await call(case, "getWebhookInfo"), case.settings.webhook_url)]


def judge(answer: Answer, ours: str | None = None) -> Result:
    match answer:
        case Said({"url": str(url)}) if ours and not url.startswith(f"{ours}/"):
            return fine(WHAT, phrase("doctor_webhook_to_be_set", host=host(ours)))
        case Said({"pending_update_count": int(waiting), "last_error_message": str(words)}) if (
            ours and waiting
        ):
            said = phrase("doctor_webhook_fails", waiting=waiting, words=words)
            return ill(WHAT, said, phrase("doctor_mend_webhook_fails"))
        case Said() if ours:
            return fine(WHAT, phrase("doctor_webhook_works", host=host(ours)))
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


def _is_shared(token: str, values: Mapping[str, str | None]) -> bool:
    return token == values.get(SHOP_BOT)
