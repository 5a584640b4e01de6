"""The small Wildberries and Ozon refuse as the large ones do."""

import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from demo.shop.marketplaces import LISTS_WITHIN, PINGS, PINGS_WITHIN, Marketplaces, token

DAY = 86_400.0
STATS = token(time.time() + DAY, "statistics", "analytics")
SPARE = token(time.time() + 3 * DAY, "statistics")
KEYS = {
    "WB_STATS_TOKEN": STATS,
    "WB_STATS_TOKEN_BACKUP": SPARE,
    "OZON_CLIENT_ID": "12345",
    "OZON_API_KEY_ADMIN": "ozon-key",
}


class Ticks:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def ticks() -> Ticks:
    return Ticks()


@pytest.fixture
async def url(tmp_path: Path, ticks: Ticks) -> AsyncIterator[str]:
    made = Marketplaces(keys=KEYS, session_lost=tmp_path / "lost", clock=ticks)
    app = web.Application()
    app.add_routes(made.routes())
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    await runner.cleanup()


async def ping(url: str, secret: str, category: str = "statistics") -> tuple[int, str]:
    headers = {"Authorization": secret}
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"{url}/wb/{category}/ping", headers=headers) as answer,
    ):
        said = await answer.json()
        return answer.status, said.get("detail", said.get("Status"))


@pytest.mark.parametrize(
    ("secret", "category", "expected"),
    [
        (STATS, "statistics", (200, "OK")),
        (STATS, "analytics", (200, "OK")),
        (STATS, "content", (401, "token scope not allowed")),
        (STATS, "nothing", (404, "path not found")),
        ("nonsense", "statistics", (401, "token is malformed")),
        (token(time.time() - 1, "statistics"), "statistics", (401, "token expired")),
        (token(time.time() + 2 * DAY, "statistics"), "statistics", (401, "token withdrawn")),
    ],
)
async def test_a_token_is_taken_or_refused_with_the_reason(
    url: str, secret: str, category: str, expected: tuple[int, str]
) -> None:
    assert await ping(url, secret, category) == expected


async def test_a_lost_session_withdraws_its_token_and_not_the_spare(
    url: str, tmp_path: Path
) -> None:
    (tmp_path / "lost").touch()
    assert await ping(url, STATS) == (401, "token withdrawn")
    assert await ping(url, SPARE) == (200, "OK")


async def test_a_host_has_a_quota_that_comes_back(url: str, ticks: Ticks) -> None:
    for _ in range(PINGS):
        assert (await ping(url, STATS))[0] == 200
    assert (await ping(url, STATS))[0] == 429
    assert (await ping(url, STATS, "analytics"))[0] == 200
    ticks.now = PINGS_WITHIN
    assert (await ping(url, STATS))[0] == 200


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Client-Id": "12345", "Api-Key": "ozon-key"}, 200),
        ({"Client-Id": "1", "Api-Key": "ozon-key"}, 403),
        ({"Client-Id": "12345", "Api-Key": "other"}, 403),
        ({"Client-Id": "12345"}, 401),
    ],
)
async def test_ozon_wants_both_halves(url: str, headers: dict[str, str], status: int) -> None:
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{url}/ozon/v3/product/list", json={}, headers=headers) as answer,
    ):
        assert answer.status == status


async def commissions(url: str, secret: str) -> tuple[int, dict[str, Any]]:
    where = f"{url}/wb/common/api/v1/tariffs/commission?locale=ru"
    async with (
        aiohttp.ClientSession() as session,
        session.get(where, headers={"Authorization": secret}) as answer,
    ):
        return answer.status, await answer.json()


async def test_any_token_opens_the_tariffs_twice_a_minute(url: str, ticks: Ticks) -> None:
    status, said = await commissions(url, SPARE)
    assert status == 200
    assert {"parentName", "subjectName", "paidStorageKgvp"} < set(said["report"][0])
    assert (await commissions(url, "nonsense"))[0] == 401
    status, said = await commissions(url, STATS)
    assert (status, said["detail"]) == (429, "limited by tariffs")
    ticks.now = LISTS_WITHIN
    assert (await commissions(url, STATS))[0] == 200
