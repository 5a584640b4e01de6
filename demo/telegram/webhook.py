"""Pushing updates to the bot's webhook, in order, again until it takes them."""

import aiohttp

from demo.telegram.state import State
from demo.telegram.world import Json

ANSWER_WITHIN = aiohttp.ClientTimeout(total=60)
LONGEST_PAUSE = 8.0
IDLE = 3600.0


async def deliver_forever(state: State, session: aiohttp.ClientSession) -> None:
    pause = 0.25
    while True:
        head = state.updates.head(1)
        if not state.updates.webhook.url or not head:
            await state.updates.bell.wait(IDLE)
        elif await _delivered(state, session, head[0]):
            state.updates.acknowledge(head[0]["update_id"] + 1)
            pause = 0.25
        else:
            await state.updates.bell.wait(pause)  # a webhook that is set anew is tried at once
            pause = min(pause * 2, LONGEST_PAUSE)


async def _delivered(state: State, session: aiohttp.ClientSession, update: Json) -> bool:
    webhook = state.updates.webhook
    headers = {"X-Telegram-Bot-Api-Secret-Token": webhook.secret} if webhook.secret else {}
    try:
        async with session.post(
            webhook.url, json=update, headers=headers, timeout=ANSWER_WITHIN
        ) as answer:
            if answer.ok:
                return True
            reason = f"Wrong response from the webhook: {answer.status} {answer.reason}"
    except (aiohttp.ClientError, TimeoutError, ValueError):
        reason = "Connection refused"
    webhook.failed += 1
    webhook.last_error = reason
    webhook.last_error_at = state.now()
    return False
