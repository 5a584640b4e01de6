"""The bot and its chats: who it is, and who writes to it from where."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from http import HTTPStatus
from typing import Any

from bot.commands.guide.meeting import KINDS, Meeting
from bot.commands.guide.talk import Stopped, Talk
from bot.core.model import Json, phrase
from bot.doctor._http import host
from bot.doctor._telegram import UNKNOWN_TOKEN, Refused, Said, Silent, Way, request
from bot.settings import TOKEN

LONG_POLL = 20
PAUSE = 2.0


async def know(talk: Talk, way: Way, shops_token: str | None) -> tuple[Way, Mapping[str, Any]]:
    """Ask for the token until Telegram knows it; return the way to it, and who the bot is."""
    kept = way.token
    while True:
        way = await _typed(talk, way, kept)
        if way.token == shops_token:
            talk.say("setup_token_of_shop", "yellow")
            continue
        match await request(way, "getMe"):
            case Said(me):
                talk.hide([way.token])
                talk.say("setup_token_known", "green", username=str(me.get("username")))
                return way, me
            case Refused(code=code) if code in UNKNOWN_TOKEN:
                talk.say("doctor_token_unknown", "yellow")
                kept = ""
            case Refused(words=words):
                talk.say("doctor_telegram_refused", "yellow", said=words)
            case Silent(why):
                talk.tell(why, "yellow")
                typed = await talk.ask(phrase("setup_proxy"), hidden=True)
                way = replace(way, proxy=typed or way.proxy)
                kept = way.token


async def _typed(talk: Talk, way: Way, kept: str) -> Way:
    key = "setup_token_again" if kept else "setup_token"
    while True:
        token = await talk.ask(phrase(key), hidden=True) or kept
        if TOKEN.fullmatch(token):
            talk.hide([token])
            return replace(way, token=token)
        talk.say("setup_token_form", "yellow")


async def refuse_webhook(talk: Talk, way: Way, own: str | None) -> None:
    """Take away the webhook at the assistant's `own` address; one of another program ends it."""
    match await request(way, "getWebhookInfo"):
        case Said({"url": str(url)}) if own and url.startswith(f"{own.rstrip('/')}/"):
            await request(way, "deleteWebhook", drop_pending_updates=False)
            talk.say("setup_webhook_own", host=host(url))
        case Said({"url": str(url)}) if url:
            raise Stopped(phrase("setup_webhook", host=host(url)))


async def meet(talk: Talk, way: Way, username: str, known: Meeting) -> None:
    """Listen until somebody presses Enter and at least one chat and one person are known."""
    talk.say("setup_meet", username=username)
    offset = 0

    async def listen() -> None:
        nonlocal offset
        while True:
            offset = await _hear(talk, way, known, offset)

    while True:
        try:
            async with asyncio.TaskGroup() as group:
                listening = group.create_task(listen())
                await talk.keys.line()
                listening.cancel()
        except BaseExceptionGroup as group_error:
            raise group_error.exceptions[0] from None
        if known.places and known.people:
            break
        talk.say("setup_met_nobody", "yellow", username=username)
    if offset:  # what was shown here must not be answered by the assistant once more
        await request(way, "getUpdates", offset=offset, timeout=0, limit=1)


async def _hear(talk: Talk, way: Way, known: Meeting, offset: int) -> int:
    patient = replace(way, seconds=way.seconds + LONG_POLL)
    wanted: list[Json] = [*KINDS]
    match await request(
        patient, "getUpdates", offset=offset or None, timeout=LONG_POLL, allowed_updates=wanted
    ):
        case Said(list(updates)):
            for update in updates:
                if (place := known.hear(update)) is not None:
                    met = phrase("setup_met", title=place.title, kind=place.kind, ref=place.ref)
                    talk.tell(met, listed=True)
                offset = update["update_id"] + 1
        case Said():
            talk.say("http_not_json", "yellow", where=host(way.server))
            await asyncio.sleep(PAUSE)
        case Refused(code=HTTPStatus.CONFLICT, words=words):
            busy = "setup_webhook_set" if "webhook" in words else "setup_other_poller"
            raise Stopped(phrase(busy))
        case Refused(words=words):
            talk.say("doctor_telegram_refused", "yellow", said=words)
            await asyncio.sleep(PAUSE)
        case Silent(why):
            talk.tell(why, "yellow")
            await asyncio.sleep(PAUSE)
    return offset
