"""`bot run` by webhook: a real process, which Telegram (the emulator) brings updates to.

One story: taps and words come by webhook, a stranger's do not, `kill -9` loses and doubles
nothing, and back at long polling what was said meanwhile is answered.
"""

import asyncio
import json
import sqlite3
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from bot.core.webhook import HEADER
from bot.doctor import updates
from demo import environment
from demo.children import Child
from demo.environment import Keys, Layout
from demo.ports import free_ports
from demo.stage import READY_WITHIN
from demo.telegram import ANN, BORIS, DEMO_TOKEN, SHOP_TEAM, ControlClient, Emulator, Json
from tests.doctor.patient import case

WANTED = {"message", "callback_query", "my_chat_member"}


@dataclass
class Assistant:
    """`python -m bot run` without a shop, which can be killed and started again."""

    env: Mapping[str, str]
    folder: Path
    phone: ControlClient
    child: Child | None = None

    async def start(self, **env: str) -> None:
        ways = ("setWebhook", "deleteWebhook")
        methods = (await self.phone.calls())["methods"]
        way = ways[0] if {**self.env, **env}["WEBHOOK_URL"] else ways[1]
        before = methods.get(way.lower(), 0)
        self.child = await Child.start(
            "assistant", ("-m", "bot", "run"), env={**self.env, **env}, folder=self.folder
        )
        await self.phone.called(way, before + 1, timeout=READY_WITHIN)

    async def kill(self) -> None:
        assert self.child is not None
        await self.child.kill()

    async def stop(self) -> int:
        assert self.child is not None
        return await self.child.stop()

    def counted(self, query: str) -> int:
        """What its own tables say."""
        state = sqlite3.connect(f"file:{self.folder / 'ops_state.db'}?mode=ro", uri=True)
        try:
            return int(state.execute(query).fetchone()[0])
        finally:
            state.close()

    async def answers(self, who: int) -> list[str]:
        return [one["text"] for one in await self.phone.messages(who) if one["out"]]


@pytest.fixture
async def telegram() -> AsyncIterator[Emulator]:
    async with Emulator() as emulator:
        yield emulator


@pytest.fixture
async def assistant(telegram: Emulator, tmp_path: Path) -> AsyncIterator[Assistant]:
    (port,) = free_ports(1)
    layout = Layout(folder=tmp_path, keys=Keys(), web_port=1, supervisor_port=1, panel_port=1)
    env = environment.of_assistant(layout, telegram.url) | {
        "BOT_TOKEN": DEMO_TOKEN,
        "ADMIN_TOKEN": "token-of-the-shop",
        "CHECK_INTERVAL_SEC": "3600",
        "HTTP_LISTEN": f"127.0.0.1:{port}",
        "WEBHOOK_URL": f"http://127.0.0.1:{port}",
    }
    async with ControlClient(telegram.url) as phone:
        assistant = Assistant(env, tmp_path, phone)
        try:
            await assistant.start()
            yield assistant
        finally:
            await assistant.stop()


async def test_it_takes_updates_by_webhook_and_goes_back_to_polling(
    telegram: Emulator, assistant: Assistant
) -> None:
    phone, updates = assistant.phone, telegram.state.updates
    hook, base = updates.webhook, assistant.env["WEBHOOK_URL"]
    assert hook.url.startswith(f"{base}/telegram/")
    assert len(hook.secret) > 40
    assert updates.allowed >= WANTED

    await phone.say(ANN, "/alerts")
    await phone.wait_for(ANN, answered)
    await nobody_else_gets_in(hook.url)

    assert await doctor(telegram, assistant) == ["ok", "ok"]

    card = await an_alert(assistant)
    await phone.tap(ANN, card, "Acknowledge")
    await phone.tap(BORIS, card, "Acknowledge")
    await assistant.kill()  # while it takes them, or before
    await phone.say(BORIS, "/alerts")  # it comes to a closed door
    await assistant.start()
    await phone.wait_for(SHOP_TEAM, lambda one: "Taken by" in one["text"])
    await phone.wait_for(BORIS, answered)
    taken = "SELECT count(*) FROM history WHERE event = 'acknowledged'"
    assert assistant.counted(taken) == 1
    assert (updates.webhook.url, updates.webhook.secret) == (hook.url, hook.secret)
    assert [len(await assistant.answers(who)) for who in (ANN, BORIS)] == [1, 1]

    assert await assistant.stop() == 0
    assert updates.webhook.url, "what comes meanwhile waits for the next start"
    await phone.say(ANN, "/help")
    await assistant.start(WEBHOOK_URL="")
    await phone.wait_for(ANN, lambda one: one["out"] and one["text"].startswith("Commands"))
    assert not updates.webhook.url
    assert await assistant.stop() == 0
    log = (assistant.folder / "logs/assistant.log").read_text("utf-8")
    assert [secret for secret in (hook.secret, hook.url.rpartition("/")[2]) if secret in log] == []


def answered(message: Json) -> bool:
    return bool(message["out"])


async def doctor(telegram: Emulator, assistant: Assistant) -> list[str]:
    """Whether the webhook is ours, and the way to it open."""
    url, state = assistant.env["WEBHOOK_URL"], assistant.env["STATE_DATABASE_URL"]
    well = case(
        assistant.folder,
        telegram_api_url=telegram.url,
        webhook_url=url,
        state_database_url=state,
        http_listen=assistant.env["HTTP_LISTEN"],
    )
    return [str(one.verdict) for one in await updates.examine(well)]


async def nobody_else_gets_in(url: str) -> None:
    person = {"id": ANN, "is_bot": False, "first_name": "Ann"}
    chat = {"id": ANN, "type": "private", "first_name": "Ann"}
    message = {"message_id": 9, "date": 1, "chat": chat, "from": person, "text": "/alerts"}
    body = {"update_id": 1, "message": message}
    async with httpx.AsyncClient(trust_env=False) as client:
        for shown in ({}, {HEADER: "w" * 43}):
            assert (await client.post(url, json=body, headers=shown)).status_code == 404
        elsewhere = url.rpartition("/")[0] + "/guessed"
        assert (await client.post(elsewhere, json=body)).status_code == 404


async def an_alert(assistant: Assistant) -> Json:
    """Have another program send one; its card."""
    async with httpx.AsyncClient(
        base_url=assistant.env["WEBHOOK_URL"],
        trust_env=False,
        headers={"Authorization": "Bearer token-of-the-shop"},
    ) as client:
        told = {"id": "b", "title": "Backup failed", "severity": "error"}
        answer = await client.post("/webhook/generic", content=json.dumps(told))
        answer.raise_for_status()
    card = await assistant.phone.wait_for(SHOP_TEAM, lambda one: "Backup failed" in one["text"])
    # Killed before it knows that the card arrived, it sends another one, with other buttons.
    unsure = "SELECT count(*) FROM posts WHERE state != 'shown'"
    async with asyncio.timeout(READY_WITHIN):
        while assistant.counted(unsure):  # noqa: ASYNC110  # another process is the event
            await asyncio.sleep(0.02)
    return card
