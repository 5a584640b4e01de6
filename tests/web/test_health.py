"""Ready: each part with its reason, and a real write."""

from dataclasses import replace
from typing import Any

import pytest
from aiogram.methods import GetMe, GetUpdates

from bot import web
from bot.core.heartbeat import Pulse
from bot.core.model import Severity, fires
from bot.edges.store import SqlStore
from bot.edges.telegram.health import TelegramHealth
from bot.settings_web import Address
from bot.web import health
from bot.web.context import Context
from bot.web.server import WebServer, listen
from tests import fakes
from tests.web.conftest import SECRETS, Ticks, client_of


async def ready(context: Context, parts: dict[str, Any]) -> tuple[int, dict[str, str | None]]:
    context = replace(context, parts=parts)
    server = WebServer(context, web.endpoints(context))
    await server.start(listen(Address("127.0.0.1", 0)))
    async with client_of(server) as client:
        bearer = {"Authorization": f"Bearer {SECRETS['viewer']}"}
        answer = await client.get("/ready", headers=bearer)
    await server.aclose()
    return answer.status_code, {one["name"]: one["why"] for one in answer.json()["parts"]}


async def test_updates_that_come_in_are_ready(context: Context, ticks: Ticks) -> None:
    telegram = TelegramHealth(clock=ticks)

    async def answer(*_: object) -> str:
        return "answer"

    answers: Any = answer

    parts = {"updates": health.polling(telegram)}
    status, why = await ready(context, parts)
    assert (status, why["updates"]) == (
        503,
        "Telegram has not answered a request for updates yet.",
    )
    bot: Any = None
    await telegram(answers, bot, GetMe())
    assert (await ready(context, parts))[0] == 503
    await telegram(answers, bot, GetUpdates())
    assert await ready(context, parts) == (200, {"updates": None})
    ticks.now += 91
    status, why = await ready(context, parts)
    assert (status, why["updates"]) == (503, "No answer to a request for updates for 1 min.")
    await telegram(answers, bot, GetUpdates())
    telegram.conflict = True
    assert (await ready(context, parts))[1]["updates"] == "Telegram: conflict."


async def test_tables_that_take_no_writes_are_not_ready(
    context: Context, store: SqlStore, ticks: Ticks, monkeypatch: pytest.MonkeyPatch
) -> None:
    part = health.Writable(store=store, monotonic=ticks)
    assert await ready(context, {"tables": part}) == (200, {"tables": None})

    async def full(*_: object, **__: object) -> None:
        raise OSError("disk full")

    with monkeypatch.context() as patched:
        patched.setattr(SqlStore, "write", full)
        assert await part() is None  # tried a moment ago
        ticks.now += 3
        assert await ready(context, {"tables": part}) == (
            503,
            {"tables": "It cannot be written to."},
        )
    assert await part() is None


async def test_checks_that_hang_are_named(context: Context, ticks: Ticks) -> None:
    pulse = Pulse(every={"check_a": 10, "check_b": 10}, limit=5, clock=ticks)
    part = health.rounds(pulse)
    pulse.beat("check_a")
    _, why = await ready(context, {"rounds": part})
    assert why["rounds"] == "Checks without a round yet: b."
    pulse.beat("check_b")
    assert await ready(context, {"rounds": part}) == (200, {"rounds": None})
    ticks.now += 60
    pulse.beat("check_b")
    assert (await ready(context, {"rounds": part}))[1]["rounds"] == "Checks that hang: a."


async def test_a_check_that_is_off_is_no_round_and_no_trouble(
    context: Context, world: fakes.World
) -> None:
    world.readings = [fires("shop database", Severity.WARNING, **fakes.FULL)]
    books = {name: replace(one, enabled=False) for name, one in context.book.runbooks.items()}
    book = replace(context.book, runbooks=books)
    watch = replace(context.watch, book=book)
    detectors = replace(context.detectors, watch=watch)
    context = replace(context, book=book, watch=watch, detectors=detectors)
    server = WebServer(context, web.endpoints(context))
    await server.start(listen(Address("127.0.0.1", 0)))
    async with client_of(server) as client:
        bearer = {"Authorization": f"Bearer {SECRETS['admin']}"}
        answer = (await client.get("/ready", headers=bearer)).json()
        done = (await client.post("/api/v1/ops/run-detectors", headers=bearer)).json()
        alerts = (await client.get("/api/v1/ops/alerts", headers=bearer)).json()
    await server.aclose()
    assert (answer["status"], answer["switched_off"]) == ("ready", ["check_db_growth"])
    counted = [done[name] for name in ("total_checks", "passed", "failed", "unknown", "off")]
    assert counted == [1, 0, 0, 0, 1]
    [result] = done["results"]
    assert (result["ok"], result["status"], result["severity"]) == (False, "off", "info")
    assert result["msg"] == "Switched off by CHECKS__DB_GROWTH__ENABLED."
    assert alerts == []
