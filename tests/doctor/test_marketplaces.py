"""Wildberries and Ozon against a server that refuses in every way that was seen."""

import base64
import json
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import pytest

from bot.core import wb_token
from bot.doctor import Case, Examine, Result, ozon, wildberries
from tests.doctor.patient import HANGS, NOON, SECRETS, case, serving, told
from tests.edges.raw_server import as_json, http

PAGE = "<html><body>Access denied</body></html>"
ANSWERS = [
    (as_json({"Status": "OK"}), "ok", "accepts the token"),
    (as_json({"detail": "planted-wb-token is bad"}, 401), "broken", "does not accept"),
    (as_json({"code": 7}, 403), "broken", "has no right"),
    (http("{}", status=429, more="Retry-After: 60\r\n"), "warning", "(429), again in 1 min."),
    (http("{}", status=429, more="Retry-After: soon\r\n"), "warning", "(429). That says"),
    (http("oops", status=502), "warning", "a trouble of its own (HTTP 502)"),
    (http(PAGE, media="text/html", status=503), "warning", "a trouble of its own"),
    (http(PAGE, media="text/html", status=403), "broken", "A web page answered"),
    (http(PAGE, media="text/html"), "broken", "A web page answered"),
    (http("hello"), "broken", "unexpected (HTTP 200)"),
    (as_json({}, 404), "broken", "unexpected (HTTP 404)"),
    (HANGS, "broken", "did not finish its answer"),
    (b"nonsense\r\n\r\n", "broken", "broke off"),
]
MARKETS = [
    pytest.param(wildberries.examine, "GET /ping", id="wildberries"),
    pytest.param(ozon.examine, "POST /v3/product/list", id="ozon"),
]


def at(folder: Path, url: str, **changes: object) -> Case:
    urls = {"wb_api_url": f"{url}/", "ozon_api_url": url}
    return case(folder, **urls, **{**SECRETS, **changes})


def harmless(results: Sequence[Result]) -> bool:
    return not any(secret in str(results) for secret in SECRETS.values())


@pytest.mark.parametrize(("examine", "request_line"), MARKETS)
@pytest.mark.parametrize("expected", ANSWERS)
async def test_each_answer_has_its_own_sentence(
    tmp_path: Path, examine: Examine, request_line: str, expected: tuple[bytes, str, str]
) -> None:
    answer, verdict, said = expected
    async with serving({"*": answer}) as server:
        seconds = 0.1 if answer == HANGS else 4.0
        results = await examine(at(tmp_path, server.url, seconds=seconds))
    [line] = [told(one) for one in results]
    assert line[1] == verdict
    assert said in line[2]
    assert (line[3] == "") == (verdict == "ok")
    assert harmless(results)
    assert len(server.asked) == 1, "one request is all a quota may have to give"
    assert server.asked[0].startswith(request_line)


@pytest.mark.parametrize(("examine", "_request_line"), MARKETS)
async def test_no_way_there(tmp_path: Path, examine: Examine, _request_line: str) -> None:
    for url, said in (
        ("http://127.0.0.1:1", "nothing accepts connections"),
        ("http://market.invalid", "the host name is not known"),
        ("http://[::1", "is not an address"),
    ):
        results = await examine(at(tmp_path, url))
        assert [result.verdict for result in results] == ["broken"]
        assert said in told(results[0])[2]
        assert harmless(results)


async def test_a_token_that_no_header_can_carry(tmp_path: Path) -> None:
    async with serving({"*": HANGS}) as server:
        [result] = await wildberries.examine(at(tmp_path, server.url, wb_stats_token="ключ\n"))
    assert "a character that HTTP forbids" in told(result)[2]


async def test_what_is_not_set_is_skipped(tmp_path: Path) -> None:
    [one] = await wildberries.examine(case(tmp_path))
    [two] = await ozon.examine(case(tmp_path))
    assert [told(one)[1:3], told(two)[1:3]] == [
        ("skipped", "WB_STATS_TOKEN is not set."),
        ("skipped", "OZON_CLIENT_ID is not set."),
    ]


async def test_half_of_ozons_keys_is_a_warning(tmp_path: Path) -> None:
    [half] = await ozon.examine(case(tmp_path, ozon_client_id="12345"))
    assert told(half)[1:3] == ("warning", "OZON_API_KEY_ADMIN is not set.")
    [other] = await ozon.examine(case(tmp_path, ozon_api_key_admin="0a1b"))
    assert told(other)[1:3] == ("warning", "OZON_CLIENT_ID is not set.")


async def test_ozon_is_asked_for_one_product(tmp_path: Path) -> None:
    async with serving({"/v3/product/list": as_json({"result": {}})}) as server:
        await ozon.examine(at(tmp_path, server.url))
    [asked] = server.asked
    assert '"limit":1' in asked.replace(" ", "")
    assert "planted-client-id" in asked
    assert "planted-ozon-key" in asked


def jwt(**claims: object) -> str:
    middle = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
    return f"head.{middle}.tail"


@pytest.mark.parametrize(
    ("days", "verdict", "said"),
    [
        (100, "ok", "Valid until 3 Mar, 100 more days."),
        (5, "warning", "Valid until 28 Nov, 5 more days."),
        (-1, "broken", "It ended on 22 Nov."),
    ],
)
def test_a_tokens_end_is_read_from_itself(days: int, verdict: str, said: str) -> None:
    ends = NOON + timedelta(days=days)
    token = jwt(exp=int(ends.timestamp()))
    [result] = wildberries.judge(wb_token.read(token), NOON)
    assert told(result)[:3] == ("Wildberries token", verdict, said)
