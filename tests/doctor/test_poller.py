import asyncio
from contextlib import suppress
from pathlib import Path

import pytest
from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.exceptions import TelegramConflictError
from prometheus_client import generate_latest

from bot.doctor import poller
from bot.edges.metrics import Metrics
from bot.edges.single import SingleInstance
from demo.telegram import DEMO_TOKEN, Emulator
from demo.telegram.updates import Webhook
from tests.doctor.patient import case, serving, told
from tests.edges.raw_server import http

LOOKED = "Nobody else asks for updates with this token."


async def seen(folder: Path, emulator: Emulator, **changes: object) -> tuple[str, str]:
    [result] = await poller.examine(case(folder, telegram_api_url=emulator.url, **changes))
    return told(result)[1], told(result)[2]


async def test_updates_that_wait_show_that_nobody_takes_them_and_none_is_taken(
    emulator: Emulator, tmp_path: Path
) -> None:
    for _ in range(2):
        emulator.state.updates.push("message", {})
    assert await seen(tmp_path, emulator) == ("ok", LOOKED)
    assert len(emulator.state.updates.pending) == 2


async def test_another_poller_comes_again_and_is_seen(emulator: Emulator, tmp_path: Path) -> None:
    session = AiohttpSession(api=TelegramAPIServer.from_base(emulator.url))
    async with Bot(DEMO_TOKEN, session=session) as other:

        async def polls() -> None:
            for _ in range(2):
                with suppress(TelegramConflictError):
                    await other.get_updates(timeout=10)

        polling = asyncio.ensure_future(polls())  # noqa: TID251  # cancelled below
        while not emulator.state.calls["getupdates"]:  # noqa: ASYNC110  # the other's first
            await asyncio.sleep(0.01)
        verdict, words = await seen(tmp_path, emulator)
        polling.cancel()
        with suppress(asyncio.CancelledError):
            await polling
    assert verdict == "broken"
    assert "Another program asks for updates" in words


async def test_nobody_there_is_seen_after_a_moment(emulator: Emulator, tmp_path: Path) -> None:
    assert await seen(tmp_path, emulator, seconds=2.0) == ("ok", LOOKED)


async def test_with_a_webhook_nobody_polls(emulator: Emulator, tmp_path: Path) -> None:
    emulator.state.updates.webhook = Webhook("http://127.0.0.1:1/x")
    assert (await seen(tmp_path, emulator))[0] == "skipped"
    assert (await seen(tmp_path, emulator, webhook_url="http://127.0.0.1:1"))[0] == "skipped"


@pytest.mark.parametrize(("times", "verdict"), [(0, "ok"), (1, "warning"), (3, "broken")])
async def test_a_running_assistant_is_asked_and_not_disturbed(
    emulator: Emulator, tmp_path: Path, times: int, verdict: str
) -> None:
    metrics = Metrics()
    metrics.telegram_errors.labels("SendMessage", "TelegramRetryAfter").inc()
    metrics.telegram_errors.labels("GetUpdates", "TelegramConflictError").inc(times)
    figures = generate_latest(metrics.registry)
    async with serving({"/metrics": http(figures)}) as assistant:
        with SingleInstance(tmp_path / "state.db"):
            found = await seen(
                tmp_path,
                emulator,
                http_listen=assistant.url.removeprefix("http://"),
                admin_token="planted",
            )
    assert found[0] == verdict
    assert (f" {times} " in found[1]) is bool(times)
    assert "Authorization: Bearer planted".lower() in assistant.asked[0].lower()
    assert emulator.state.calls["getupdates"] == 0


@pytest.mark.parametrize("said", ["hello {", "another_metric 3\n", ""])
async def test_what_is_not_the_assistant_tells_nothing(
    emulator: Emulator, tmp_path: Path, said: str
) -> None:
    async with serving({"*": http(said)}) as other:
        with SingleInstance(tmp_path / "state.db"):
            address = other.url.removeprefix("http://")
            assert (await seen(tmp_path, emulator, http_listen=address))[0] == "skipped"
            assert (await seen(tmp_path, emulator, http_listen=""))[0] == "skipped"
