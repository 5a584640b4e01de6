import pytest

from bot.core.model import Unreadable
from bot.core.runbook import ActionFailed
from bot.edges.http import Limits
from bot.edges.webapi import ShopWebApi
from tests.edges.raw_server import Talk, as_json, http
from tests.edges.web_api import QUICK, ROOMY, TOKEN, api_before, free_address, hangs

CLEARED = {
    "status": "success",
    "action_name": "remediate_clear_cache",
    "details": "3 caches",
    "retry_count": 1,
}


async def test_clearing_the_cache_asks_as_the_runbook_says() -> None:
    async with api_before(as_json(CLEARED)) as (api, server):
        facts = await api.clear_cache()
    assert facts == {"action": "remediate_clear_cache", "details": "3 caches", "retries": 1}
    assert server.requests[0].startswith(
        "POST /api/v1/ops/remediate?alert_source=check_api_latency_p95 HTTP/1.1\r\n"
    )
    assert f"Authorization: Bearer {TOKEN}\r\n" in server.requests[0]


async def why_failed(answer: Talk | bytes, limits: Limits = ROOMY) -> ActionFailed:
    async with api_before(answer, limits=limits) as (api, _):
        with pytest.raises(ActionFailed) as caught:
            await api.clear_cache()
    return caught.value


@pytest.mark.parametrize(
    ("answer", "key"),
    [
        (as_json({}, 401), "admin_token_refused"),
        (as_json({}, 403), "admin_token_refused"),
        (as_json({}, 404), "cache_action_missing"),
        (as_json({}, 400), "cache_remediation_off"),
        (as_json({}, 500), "http_status"),
        (as_json({**CLEARED, "status": "failure"}), "cache_not_cleared"),
        (as_json({}), "cache_not_cleared"),
        (as_json([]), "cache_answer_unclear"),
        (http("<html>"), "cache_answer_unclear"),
        (http("[" * 50_000), "cache_answer_unclear"),
    ],
)
async def test_a_cache_that_was_not_cleared_says_why(answer: Talk | bytes, key: str) -> None:
    assert (await why_failed(answer)).why.key == key


async def test_an_action_whose_answer_was_lost_may_have_been_done() -> None:
    why = (await why_failed(hangs, limits=QUICK)).why
    assert (why.key, why.values["maybe_done"]) == ("http_timeout", True)


@pytest.mark.parametrize(("status", "maybe"), [(502, True), (504, True), (409, False)])
async def test_a_proxy_without_an_answer_leaves_open_whether_it_was_done(
    status: int, *, maybe: bool
) -> None:
    why = (await why_failed(http("<html>", status=status))).why
    assert (why.key, why.values["maybe_done"]) == ("http_status", maybe)


async def test_an_action_that_never_left_was_certainly_not_done() -> None:
    api = ShopWebApi(f"http://{free_address()}", TOKEN)
    with pytest.raises(ActionFailed) as caught:
        await api.clear_cache()
    assert caught.value.why.values["maybe_done"] is False


async def test_without_a_token_nothing_is_sent() -> None:
    async with api_before(as_json(CLEARED), token=None) as (api, server):
        with pytest.raises(ActionFailed) as caught:
            await api.clear_cache()
    assert caught.value.why.key == "admin_token_missing"
    assert server.requests == []


@pytest.mark.parametrize("token", ["пароль", "two\r\nX-Lines: 1"])
async def test_a_token_that_is_no_header_is_refused_and_not_shown(token: str) -> None:
    async with api_before(as_json(CLEARED), token=token) as (api, server):
        with pytest.raises(ActionFailed) as caught:
            await api.clear_cache()
    assert caught.value.why.key == "http_bad_header"
    assert token not in repr(caught.value)
    assert server.requests == []


async def test_details_are_shown_short_on_one_line_and_without_the_token() -> None:
    details = f"\x1b[31mbearer {TOKEN}\nrefused " + "x" * 1000
    answer = as_json({"status": "failure", "details": details})
    shown = str((await why_failed(answer)).why.values["details"])
    assert shown.startswith("[31mbearer *** refused x")
    assert len(shown) <= 300


async def test_health_tells_alive_ready_and_the_parts() -> None:
    sick = as_json({"checks": {"database": "ok", "disk": {"free": 1}}}, 503)
    async with api_before(as_json({"status": "healthy"}), sick) as (api, _):
        facts = await api.health()
    parts = {"database": "ok", "disk": '{"free": 1}'}
    assert facts == {"alive": "healthy", "ready": False, "checks": parts}


async def test_a_release_without_healthz_is_neither_ready_nor_not() -> None:
    async with api_before(as_json({"status": "healthy"}), as_json({}, 404)) as (api, _):
        assert await api.health() == {"alive": "healthy", "ready": None, "checks": {}}


async def test_health_that_is_a_page_is_unreadable() -> None:
    async with api_before(http("<html>")) as (api, _):
        with pytest.raises(Unreadable) as caught:
            await api.health()
    assert caught.value.why.key == "http_html"
