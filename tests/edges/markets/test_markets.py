"""Marketplaces that behave as documented: quotas, refusals, pages, silence. Local ones."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from bot.core.markets import Market, Stage, Verdict
from bot.core.tools import Memory
from bot.core.wb_token import Category
from bot.edges.http import Limits
from bot.edges.markets import ShopMarkets
from bot.edges.markets.keys import Slot, describe
from bot.edges.markets.pauses import Pauses
from bot.edges.markets.resolve import Resolver
from bot.edges.memory import StoredMemory
from bot.edges.store import SqlStore
from tests.checks.fakes import FakeMemory
from tests.conftest import NOON, Clock
from tests.doctor.patient import HANGS, serving
from tests.edges.raw_server import as_json, http
from tests.wb_tokens import STATS_READ_ONLY, wb_token

GOOD = wb_token(NOON + timedelta(days=100), STATS_READ_ONLY)
STATS = (Category.STATISTICS,)
OK = as_json({"TS": "2026-11-23", "Status": "OK"})


def wb(url: str, secret: str | None = GOOD, name: str = "WB_STATS_TOKEN") -> Slot:
    market = Market.WILDBERRIES
    return Slot(name=name, market=market, secret=secret, url=url, opens=STATS, main=True)


def ozon(url: str, key: str | None = "ozon-key", client: str | None = "12345") -> Slot:
    name = "OZON_API_KEY_ADMIN"
    return Slot(name=name, market=Market.OZON, secret=key, url=url, client=client, main=True)


@contextlib.asynccontextmanager
async def markets(
    *slots: Slot, clock: Clock | None = None, memory: Memory | None = None, seconds: float = 4
) -> AsyncIterator[ShopMarkets]:
    made = ShopMarkets(
        slots,
        pauses=Pauses(memory or FakeMemory()),
        clock=clock or Clock(),
        resolver=Resolver(),
        limits=Limits(seconds=seconds),
    )
    yield made
    await made.aclose()


async def test_a_key_that_works_is_tried_once_a_minute() -> None:
    clock = Clock()
    async with serving({"/ping": OK}) as server, markets(wb(server.url), clock=clock) as tried:
        for _ in range(3):
            answer = (await tried.try_keys())["WB_STATS_TOKEN"]
        assert answer.verdict is Verdict.WORKS
        assert answer.ms is not None
        assert len(server.asked) == 1
        clock.forward(minutes=1)
        await tried.try_keys()
        assert len(server.asked) == 2
        clock.forward(hours=-2)  # set back: what is kept is of the future, and worth nothing
        await tried.try_keys()
    assert len(server.asked) == 3
    assert f"authorization: {GOOD}" in server.asked[0].lower() or GOOD in server.asked[0]


async def test_two_people_at_once_make_one_call() -> None:
    async with serving({"/ping": OK}) as server, markets(wb(server.url)) as tried:
        await asyncio.gather(*(tried.try_keys() for _ in range(5)), tried.reach())
    assert len(server.asked) == 1


@pytest.mark.parametrize("header", ["X-Ratelimit-Retry: 300", "Retry-After: 300"])
async def test_a_host_that_asks_for_a_pause_is_left_alone(header: str) -> None:
    clock, memory = Clock(), FakeMemory()
    limited = http("{}", status=429, more=f"{header}\r\n")
    async with serving({"*": limited}) as server:
        spare = wb(server.url, name="WB_STATS_TOKEN_BACKUP")
        async with markets(wb(server.url), spare, clock=clock, memory=memory) as tried:
            answers = await tried.try_keys()
            assert {one.verdict for one in answers.values()} == {Verdict.LIMITED}
            assert {one.until for one in answers.values()} == {NOON + timedelta(seconds=300)}
            assert len(server.asked) == 1, "the quota is the seller's, not the key's"
            clock.forward(seconds=299)
            await tried.try_keys()
        async with markets(wb(server.url), clock=clock, memory=memory) as restarted:
            assert (await restarted.try_keys())["WB_STATS_TOKEN"].verdict is Verdict.LIMITED
            assert len(server.asked) == 1, "a restart of ours is no excuse"
            clock.forward(seconds=2)
            await restarted.try_keys()
        assert len(server.asked) == 2


async def test_two_hosts_that_ask_for_a_pause_at_once_are_both_left_alone(
    store: SqlStore,
) -> None:
    clock = Clock()
    memory = StoredMemory(store=store, clock=clock)
    limited = http("{}", status=429, more="Retry-After: 300\r\n")
    async with serving({"*": limited}) as one, serving({"*": limited}) as other:
        slots = [wb(one.url), ozon(other.url)]
        async with markets(*slots, clock=clock, memory=memory) as tried:
            await tried.try_keys()
        async with markets(*slots, clock=clock, memory=memory) as restarted:
            answers = await restarted.try_keys()
    assert {answer.verdict for answer in answers.values()} == {Verdict.LIMITED}
    assert len(one.asked) == len(other.asked) == 1


ADS, TARIFFS = "https://advert-api.example", "https://common-api.example"
STATS_HOST, OZON_HOST = "https://statistics-api.example", "https://api-seller.example"


@pytest.mark.parametrize(
    ("pauses", "minutes"),
    [
        ({}, None),
        ({STATS_HOST: 5}, 5),
        ({STATS_HOST: 5, OZON_HOST: 20}, 20),  # one collection asks both
        ({STATS_HOST: 5, ADS: 60, TARIFFS: 60, "http://localhost:8000": 60}, 5),
        ({ADS: 60, TARIFFS: 60}, None),  # no sales come from there
        ({STATS_HOST: -5}, None),
    ],
)
async def test_a_collection_waits_for_the_longest_pause_of_those_that_sales_come_from(
    pauses: dict[str, int], minutes: int | None
) -> None:
    def after(minutes: int) -> datetime:
        return NOON + timedelta(minutes=minutes)

    memory = FakeMemory()
    ends = {url: after(end).isoformat() for url, end in pauses.items()}
    await memory.put("markets:pauses", ends)
    slots = [
        wb(STATS_HOST),
        ozon(OZON_HOST),
        replace(wb(ADS, name="WB_ADS_TOKEN"), main=False),
        Slot(
            name="WEB", market=Market.WEB_API, secret="x", url="http://localhost:8000", main=True
        ),
    ]
    async with markets(*slots, memory=memory) as found:
        assert await found.sales_pause(NOON) == (None if minutes is None else after(minutes))
    async with markets(wb(STATS_HOST), ozon(OZON_HOST, key=None), memory=memory) as found:
        own = pauses.get(STATS_HOST, 0)
        assert await found.sales_pause(NOON) == (after(own) if own > 0 else None), "not our quota"
    spare = replace(wb(STATS_HOST, name="WB_STATS_TOKEN_BACKUP"), main=False, spare=True)
    async with markets(wb(STATS_HOST, secret=None), spare, memory=memory) as found:
        assert await found.sales_pause(NOON) == (after(own) if own > 0 else None)


async def test_a_pause_of_a_clock_that_was_set_back_does_not_last_for_days() -> None:
    clock, memory = Clock(), FakeMemory()
    async with serving({"/ping": OK}) as server:
        far = (NOON + timedelta(days=3)).isoformat()
        await memory.put("markets:pauses", {server.url: far})
        async with markets(wb(server.url), clock=clock, memory=memory) as tried:
            assert (await tried.try_keys())["WB_STATS_TOKEN"].verdict is Verdict.WORKS


@pytest.mark.parametrize(
    ("answer", "verdict"),
    [
        (as_json({"detail": "token scope not allowed"}, 401), Verdict.WRONG_CATEGORY),
        (as_json({"detail": "token withdrawn"}, 401), Verdict.WITHDRAWN),
        (as_json({"code": 7}, 403), Verdict.WRONG_CATEGORY),
        (http("<html>no</html>", media="text/html", status=403), Verdict.PAGE),
        (http("oops", status=502), Verdict.THEIR_SIDE),
        (b"nonsense\r\n\r\n", Verdict.NETWORK),
        (HANGS, Verdict.NETWORK),
    ],
)
async def test_each_refusal_has_its_verdict(answer: bytes, verdict: Verdict) -> None:
    seconds = 0.1 if answer == HANGS else 4.0
    async with (
        serving({"*": answer}) as server,
        markets(wb(server.url), ozon(server.url), seconds=seconds) as tried,
    ):
        found = await tried.try_keys()
    assert {one.verdict for one in found.values()} == {verdict}
    assert all(one.why is not None for one in found.values()) == (verdict is Verdict.NETWORK)


async def test_ozon_is_asked_for_one_product_by_post() -> None:
    async with (
        serving({"/v3/product/list": as_json({"result": {}})}) as server,
        markets(ozon(server.url)) as tried,
    ):
        assert (await tried.try_keys())["OZON_API_KEY_ADMIN"].verdict is Verdict.WORKS
    [asked] = server.asked
    assert asked.startswith("POST /v3/product/list ")
    assert '"limit": 1' in asked
    assert "12345" in asked


async def test_a_key_that_no_header_can_carry_is_not_sent() -> None:
    async with serving({"*": OK}) as server, markets(wb(server.url, "ключ")) as tried:
        assert (await tried.try_keys())["WB_STATS_TOKEN"].verdict is Verdict.MALFORMED
    assert server.asked == []


async def test_a_host_is_seen_without_a_key_too() -> None:
    refuses = as_json({"detail": "no token"}, 401)
    async with serving({"*": refuses}) as server, markets(wb(server.url, None)) as tried:
        assert await tried.try_keys() == {}
        [reach] = await tried.reach()
    assert reach.path.stage is Stage.HTTP
    assert reach.answer is not None
    assert reach.answer.verdict is Verdict.UNSET


async def test_a_host_that_is_not_there_is_asked_nothing() -> None:
    async with markets(wb("http://127.0.0.1:1")) as tried:
        [reach] = await tried.reach()
    assert (reach.path.stage, reach.answer) == (Stage.NETWORK, None)


async def test_the_admin_token_is_never_tried() -> None:
    async with serving({"*": OK}) as server:
        slots = [
            Slot(name="ADMIN_TOKEN", market=Market.WEB_API, secret="admin"),
            Slot(name="OZON_CLIENT_ID", market=Market.OZON, secret="12345"),
            Slot(
                name="WEB_API_URL", market=Market.WEB_API, secret=None, url=server.url, main=True
            ),
        ]
        async with markets(*slots) as tried:
            found = await tried.try_keys()
            assert list(found) == ["ADMIN_TOKEN"]
            assert [key.name for key in tried.keys(NOON)] == ["ADMIN_TOKEN", "OZON_CLIENT_ID"]
            [reach] = await tried.reach()
    assert {one.verdict for one in found.values()} == {Verdict.UNTRIED}
    assert [asked.split(" ")[1] for asked in server.asked] == ["/health"]
    assert reach.answer is not None
    assert reach.answer.verdict is Verdict.WORKS


async def test_a_refusal_that_repeats_the_key_does_not_show_it() -> None:
    async with (
        serving({"*": as_json({"message": "bad key ozon-key"}, 403)}) as server,
        markets(ozon(server.url)) as tried,
    ):
        found = await tried.try_keys()
    assert "ozon-key" not in str(found)


def test_a_key_is_described_without_any_part_of_it() -> None:
    key = describe(wb("http://x"), NOON)
    assert key.expires == NOON + timedelta(days=100)
    assert (key.scopes, key.read_only, key.flaw) == (["Statistics"], True, None)
    assert len(key.fingerprint) == 6
    assert not any(part in str(key) for part in GOOD.split("."))
    assert key.fingerprint != describe(wb("http://x", GOOD + "x"), NOON).fingerprint


@pytest.mark.parametrize(
    ("secret", "flaw"),
    [
        (GOOD[:-30].rpartition(".")[0], Verdict.MALFORMED),
        (GOOD + "\n", Verdict.MALFORMED),
        ("planted-key", Verdict.MALFORMED),
        (wb_token(NOON), Verdict.EXPIRED),
        (wb_token(NOON + timedelta(days=9), 1 << 1), Verdict.WRONG_CATEGORY),
    ],
)
def test_what_is_wrong_with_a_key_is_seen_offline(secret: str, flaw: Verdict) -> None:
    assert describe(wb("http://x", secret), NOON).flaw is flaw


def test_a_key_that_is_not_set_has_nothing_to_say() -> None:
    key = describe(wb("http://x", None), NOON)
    assert (key.is_set, key.fingerprint, key.flaw) == (False, "", None)
