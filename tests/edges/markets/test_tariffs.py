"""The list of tariffs from a local Wildberries that behaves as documented, and as others do."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from bot.core.markets import Answer, Market, Verdict
from bot.core.tariffs import Tariff, TariffList
from bot.core.wb_token import Category
from bot.edges.http import Limits
from bot.edges.markets.keys import Slot
from bot.edges.markets.pauses import Pauses
from bot.edges.markets.tariffs import WbTariffs
from tests.checks.fakes import FakeMemory
from tests.conftest import NOON, Clock
from tests.doctor.patient import HANGS, serving
from tests.edges.raw_server import as_json, http
from tests.wb_tokens import STATS_READ_ONLY, wb_token

GOOD = wb_token(NOON + timedelta(days=100), STATS_READ_ONLY)
OLD = wb_token(NOON - timedelta(days=1), STATS_READ_ONLY)
PATH = "/api/v1/tariffs/commission"
SOCKS: dict[str, Any] = {
    "kgvpBooking": 14.5,
    "kgvpMarketplace": 15.5,
    "kgvpPickup": 14.5,
    "kgvpSupplier": 12.5,
    "kgvpSupplierExpress": 3,
    "paidStorageKgvp": 19.5,
    "parentID": 657,
    "parentName": "Одежда",
    "subjectID": 6461,
    "subjectName": "Носки",
}
LIST = as_json({"report": [SOCKS]})


def slot(secret: str | None = GOOD, name: str = "WB_STATS_TOKEN") -> Slot:
    opens = (Category.STATISTICS,)
    return Slot(name=name, market=Market.WILDBERRIES, secret=secret, url="", opens=opens)


@contextlib.asynccontextmanager
async def fetching(
    url: str,
    *slots: Slot,
    column: str = "paidStorageKgvp",
    clock: Clock | None = None,
    memory: FakeMemory | None = None,
    limits: Limits | None = None,
) -> AsyncIterator[WbTariffs]:
    made = WbTariffs(
        slots or (slot(),),
        url=url,
        column=column,
        pauses=Pauses(memory or FakeMemory()),
        clock=clock or Clock(),
        limits=limits or Limits(seconds=4),
    )
    yield made
    await made.aclose()


async def refused(answer: bytes, **more: Any) -> Answer:  # noqa: ANN401  # what a test sets
    async with serving({PATH: answer}) as server, fetching(server.url, **more) as tariffs:
        found = await tariffs.commissions()
    assert isinstance(found, Answer)
    return found


@pytest.mark.parametrize(
    ("column", "rate"), [("paidStorageKgvp", 19.5), ("kgvpMarketplace", 15.5)]
)
async def test_the_list_is_fetched_with_our_token_and_kept_for_an_hour(
    column: str, rate: float
) -> None:
    clock = Clock()
    async with (
        serving({PATH: LIST}) as server,
        fetching(server.url, column=column, clock=clock) as tariffs,
    ):
        found = await tariffs.commissions()
        socks = Tariff(parent="Одежда", subject="Носки", rate_pct=rate)
        assert found == TariffList(at=NOON, column=column, tariffs=[socks])
        clock.forward(minutes=59)
        assert await tariffs.commissions() is found
        clock.forward(minutes=1)
        await tariffs.commissions()
        clock.forward(hours=-3)  # set back: what is kept is of the future
        await tariffs.commissions()
    assert len(server.asked) == 3
    assert server.asked[0].startswith(f"GET {PATH}?locale=ru HTTP/1.1")
    assert f"authorization: {GOOD}" in server.asked[0].replace("Authorization", "authorization")


async def test_two_people_at_once_make_one_request() -> None:
    async with serving({PATH: LIST}) as server, fetching(server.url) as tariffs:
        await asyncio.gather(*(tariffs.commissions() for _ in range(5)))
    assert len(server.asked) == 1


async def test_without_a_token_nobody_is_asked() -> None:
    ozon = Slot(name="OZON_API_KEY_ADMIN", market=Market.OZON, secret="key", client="1")
    async with (
        serving({PATH: LIST}) as server,
        fetching(server.url, slot(None), ozon) as tariffs,
    ):
        found = await tariffs.commissions()
    assert isinstance(found, Answer)
    assert (found.verdict, server.asked) == (Verdict.UNSET, [])


async def test_a_key_that_has_expired_is_passed_over() -> None:
    keys = (slot(OLD), slot(GOOD, "WB_CONTENT_TOKEN"))
    async with serving({PATH: LIST}) as server, fetching(server.url, *keys) as tariffs:
        assert isinstance(await tariffs.commissions(), TariffList)
    assert GOOD in server.asked[0]
    assert OLD not in server.asked[0]


async def test_a_pause_is_kept_across_a_restart() -> None:
    clock, memory = Clock(), FakeMemory()
    limited = http("{}", status=429, more="X-Ratelimit-Retry: 300\r\n")
    async with serving({PATH: limited}) as server:
        for seconds in (0, 61, 238):  # 299 in all
            clock.forward(seconds=seconds)
            async with fetching(server.url, clock=clock, memory=memory) as tariffs:
                found = await tariffs.commissions()
            assert isinstance(found, Answer)
            assert found.verdict is Verdict.LIMITED
            assert found.until == NOON + timedelta(seconds=300)
        assert len(server.asked) == 1
        clock.forward(seconds=2)
        async with fetching(server.url, clock=clock, memory=memory) as tariffs:
            await tariffs.commissions()
    assert len(server.asked) == 2


@pytest.mark.parametrize(
    ("answer", "verdict"),
    [
        (as_json({"detail": "token expired"}, 401), Verdict.EXPIRED),
        (as_json({"detail": "token withdrawn"}, 401), Verdict.WITHDRAWN),
        (as_json({"detail": "no"}, 400), Verdict.STRANGE),
        (as_json({}, 503), Verdict.THEIR_SIDE),
        (http("<!DOCTYPE html><p>Are you a robot?", media="text/html"), Verdict.PAGE),
        (http('{"report": [{"paidSto', media="application/json"), Verdict.STRANGE),
        (http("[" * 100_000, media="application/json"), Verdict.STRANGE),
    ],
)
async def test_a_refusal_says_whose_turn_it_is(answer: bytes, verdict: Verdict) -> None:
    assert (await refused(answer)).verdict is verdict


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (as_json({"report": None}), "tariffs_no_list"),
        (as_json({"data": [SOCKS]}), "tariffs_no_list"),
        (as_json({"report": []}), "tariffs_no_rates"),
        (as_json({"report": [{**SOCKS, "paidStorageKgvp": None}]}), "tariffs_no_rates"),
        (as_json({"report": [{"subjectName": "Носки"}]}), "tariffs_no_rates"),
    ],
)
async def test_an_answer_without_tariffs_is_strange(answer: bytes, why: str) -> None:
    found = await refused(answer)
    assert (found.verdict, found.why and found.why.key) == (Verdict.STRANGE, why)


@pytest.mark.parametrize(
    ("answer", "limits", "why"),
    [
        (HANGS, Limits(seconds=0.05), "http_timeout"),
        (LIST, Limits(seconds=4, size=100), "http_too_large"),
    ],
)
async def test_what_is_slow_or_endless_is_given_up(
    answer: bytes, limits: Limits, why: str
) -> None:
    found = await refused(answer, limits=limits)
    assert (found.verdict, found.why and found.why.key) == (Verdict.NETWORK, why)


async def test_a_refusal_is_not_asked_for_again_within_a_minute() -> None:
    clock = Clock()
    refusal = as_json({"detail": f"token withdrawn: {GOOD}"}, 401)
    async with serving({PATH: refusal}) as server, fetching(server.url, clock=clock) as tariffs:
        for _ in range(3):
            found = await tariffs.commissions()
        clock.forward(minutes=1)
        await tariffs.commissions()
    assert len(server.asked) == 2
    assert isinstance(found, Answer)
    assert GOOD not in found.said


async def test_nobody_is_there() -> None:
    async with fetching("http://127.0.0.1:1") as tariffs:
        found = await tariffs.commissions()
    assert isinstance(found, Answer)
    assert (found.verdict, found.why and found.why.key) == (Verdict.NETWORK, "http_refused")
