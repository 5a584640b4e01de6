import asyncio
import gzip
import logging
import socket
import struct
import tracemalloc
import zlib
from collections.abc import Callable, Iterable
from threading import current_thread
from time import monotonic

import pytest
from prometheus_client import Metric
from prometheus_client.parser import text_string_to_metric_families

from bot.core.model import Source, Unreadable
from bot.core.runbook import ActionFailed
from bot.core.tools import Sample, WebAdmin, WebApi
from bot.edges import webapi
from bot.edges.http import Limits
from bot.edges.webapi import ShopWebApi
from tests.edges.raw_server import Talk, http, raw_server
from tests.edges.web_api import QUICK, ROOMY, TOKEN, api_before, free_address, hangs

WANTED = "http_request_duration_seconds_bucket"
LINE = 'http_request_duration_seconds_bucket{method="GET",endpoint="/a",le="+Inf"} 7\n'
MEGABYTE = 1_000_000


async def why_unreadable(*talks: Talk | bytes, limits: Limits = ROOMY) -> Unreadable:
    async with api_before(*talks, limits=limits) as (api, _):
        with pytest.raises(Unreadable) as caught:
            await api.scrape([WANTED])
    assert caught.value.source is Source.WEB_API
    return caught.value


def wrap(encoding: str, body: bytes) -> bytes:
    return http(body, more=f"Content-Encoding: {encoding}\r\n")


async def drips(writer: asyncio.StreamWriter) -> None:
    writer.write(http(b"", length=1000))
    while True:
        writer.write(b"#")
        await writer.drain()
        await asyncio.sleep(0.02)


async def floods(writer: asyncio.StreamWriter) -> None:
    writer.write(http(b"", length=200 * MEGABYTE))
    for _ in range(200):
        writer.write(b"#" * MEGABYTE)
        await writer.drain()


async def gzip_then_endless_rubbish(writer: asyncio.StreamWriter) -> None:
    packed = gzip.compress(LINE.encode())
    writer.write(http(b"", length=200 * MEGABYTE, more="Content-Encoding: gzip\r\n") + packed)
    for _ in range(200):
        writer.write(b"\0" * MEGABYTE)
        await writer.drain()


async def resets(writer: asyncio.StreamWriter) -> None:
    now = struct.pack("ii", 1, 0)
    writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, now)
    writer.transport.abort()


async def says_half(writer: asyncio.StreamWriter) -> None:
    writer.write(http(LINE, length=1000))
    await writer.drain()


async def test_a_scrape_holds_the_wanted_samples_only() -> None:
    async with api_before(http(LINE + "up 1\n# TYPE x counter\nx_total 2\n")) as (api, server):
        found = await api.scrape([WANTED, "x_total", "absent"])
    assert found == [
        Sample(WANTED, {"method": "GET", "endpoint": "/a", "le": "+Inf"}, 7.0),
        Sample("x_total", {}, 2.0),
    ]
    assert "authorization" not in server.requests[0].lower()


@pytest.mark.parametrize(
    ("encoding", "pack"), [("gzip", gzip.compress), ("deflate", zlib.compress)]
)
async def test_a_compressed_scrape_is_unpacked(
    encoding: str, pack: Callable[[bytes], bytes]
) -> None:
    async with api_before(wrap(encoding, pack(LINE.encode()))) as (api, _):
        assert len(await api.scrape([WANTED])) == 1


async def test_a_long_scrape_is_parsed_off_the_event_loop(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    threads = []

    def parse(text: str) -> Iterable[Metric]:
        threads.append(current_thread().name)
        return text_string_to_metric_families(text)

    monkeypatch.setattr(webapi, "text_string_to_metric_families", parse)
    lines = "".join(LINE.replace("/a", f"/a{number}") for number in range(2000))
    async with api_before(http(LINE), http(lines), limits=Limits()) as (api, _):
        assert len(await api.scrape([WANTED])) == 1
        assert len(await api.scrape([WANTED])) == 2000
    assert threads == ["MainThread", "metrics_0"]


async def test_no_wanted_sample_among_others_is_an_answer() -> None:
    async with api_before(http("up 1\n")) as (api, _):
        assert await api.scrape([WANTED]) == []


@pytest.mark.parametrize(
    ("answer", "key"),
    [
        pytest.param(http("<!doctype html><p>Hi"), "http_html", id="a page called text"),
        pytest.param(http("hi", media="text/html"), "http_html", id="text called a page"),
        pytest.param(http("oops", status=500), "http_status", id="an error of its own"),
        pytest.param(http("", status=401), "http_status", id="a login"),
        pytest.param(
            http("", status=302, more="Location: http://127.0.0.1:1/\r\n"),
            "http_status",
            id="a redirect",
        ),
        pytest.param(http('{"status": "ok"}\n'), "metrics_malformed", id="JSON"),
        pytest.param(http("hello world\n"), "metrics_malformed", id="prose"),
        pytest.param(http(LINE + "a{b=\n"), "metrics_malformed", id="one bad line among good"),
        pytest.param(http(b"\xff\xfe\x00\n"), "metrics_malformed", id="binary"),
        pytest.param(
            http("a{" + 'b="",' * 9000 + "} 1\n"), "metrics_malformed", id="a monstrous line"
        ),
        pytest.param(http(""), "metrics_empty", id="nothing"),
        pytest.param(http("# only a comment\n"), "metrics_empty", id="only comments"),
        pytest.param(http(LINE + "up 12"), "metrics_cut_short", id="cut within a number"),
        pytest.param(says_half, "http_broken_off", id="less than announced"),
        pytest.param(resets, "http_broken_off", id="a reset connection"),
        pytest.param(b"", "http_broken_off", id="closed without a word"),
        pytest.param(b"220 mail.example ESMTP\r\n\r\n", "http_not_http", id="another protocol"),
        pytest.param(wrap("gzip", b"not gzip"), "http_undecodable", id="false gzip"),
        pytest.param(
            wrap("gzip", gzip.compress(LINE.encode())[:-9]), "http_undecodable", id="half a gzip"
        ),
        pytest.param(wrap("br", b"x"), "http_undecodable", id="an encoding not asked for"),
        pytest.param(floods, "http_too_large", id="200 MB"),
        pytest.param(
            wrap("gzip", gzip.compress(b"\0" * 20 * MEGABYTE)), "http_too_large", id="a gzip bomb"
        ),
    ],
)
async def test_what_is_no_metrics_is_unreadable_by_name(answer: Talk | bytes, key: str) -> None:
    assert (await why_unreadable(answer)).why.key == key


@pytest.mark.parametrize("talk", [hangs, drips])
async def test_the_time_limit_is_for_the_whole_answer(talk: Talk) -> None:
    began = monotonic()
    why = (await why_unreadable(talk, limits=QUICK)).why
    assert (why.key, why.values["seconds"]) == ("http_timeout", 0.3)
    assert monotonic() - began < 5


async def test_what_follows_a_complete_gzip_body_is_not_read() -> None:
    async with api_before(gzip_then_endless_rubbish) as (api, _):
        assert len(await api.scrape([WANTED])) == 1


async def test_a_gzip_bomb_is_never_held_in_memory() -> None:
    bomb = wrap("gzip", gzip.compress(b"\0" * 100 * MEGABYTE))
    tracemalloc.start()
    try:
        why = await why_unreadable(bomb, limits=Limits(seconds=5, size=MEGABYTE))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert why.why.values["limit_bytes"] == MEGABYTE
    assert peak < 8 * MEGABYTE


async def test_a_redirect_is_not_followed() -> None:
    async with raw_server(http(LINE)) as elsewhere:
        to = f"Location: {elsewhere.url}/metrics\r\n"
        assert (await why_unreadable(http("", status=307, more=to))).why.values["status"] == 307
    assert elsewhere.requests == []


async def test_a_proxy_of_the_environment_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    async with raw_server(http(LINE)) as proxy:
        monkeypatch.setenv("HTTP_PROXY", proxy.url)
        monkeypatch.setenv("ALL_PROXY", proxy.url)
        async with api_before(http(LINE)) as (api, server):
            await api.scrape([WANTED])
    assert len(server.requests) == 1
    assert proxy.requests == []


NOBODY = "an address where nobody listens"


@pytest.mark.parametrize(
    ("address", "key"),
    [
        (NOBODY, "http_refused"),
        ("http://no-such-host.invalid", "http_unknown_host"),
        ("localhost:8000", "http_bad_address"),
        ("ftp://localhost", "http_bad_address"),
        ("http://localhost:port", "http_bad_address"),
    ],
)
async def test_an_address_that_cannot_be_reached_is_named(address: str, key: str) -> None:
    address = f"http://{free_address()}" if address == NOBODY else address
    with pytest.raises(Unreadable) as caught:
        await ShopWebApi(address).scrape([WANTED])
    assert caught.value.why.key == key


async def test_plain_http_where_tls_is_expected_is_named() -> None:
    async with raw_server(http(LINE)) as server:
        api = ShopWebApi(server.url.replace("http:", "https:"))
        with pytest.raises(Unreadable) as caught:
            await api.scrape([WANTED])
        await api.aclose()
    assert caught.value.why.key == "http_tls"


async def test_a_tls_handshake_that_hangs_ends_in_time() -> None:
    async with raw_server(hangs) as server:
        api = ShopWebApi(server.url.replace("http:", "https:"), reading=QUICK)
        with pytest.raises(Unreadable) as caught:
            await api.scrape([WANTED])
        await api.aclose()
    assert caught.value.why.key == "http_timeout"


async def test_user_and_password_reach_the_server_but_no_phrase_and_no_log(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    async with raw_server(http("", status=500)) as server:
        api = ShopWebApi(server.url.replace("//", "//ops:pa55word@"), TOKEN)
        with pytest.raises(Unreadable) as unreadable:
            await api.scrape([WANTED])
        with pytest.raises(ActionFailed) as failed:
            await api.clear_cache()
        await api.aclose()
    assert "Authorization: Basic" in server.requests[0]
    assert f"Authorization: Bearer {TOKEN}\r\n" in server.requests[1]
    for text in (str(unreadable.value), str(failed.value), caplog.text):
        assert "pa55word" not in text
        assert TOKEN not in text
    assert unreadable.value.why.values["where"] == f"{server.url}/metrics"


def test_it_is_what_checks_and_remediations_expect() -> None:
    api = ShopWebApi("http://localhost:8000")
    reads: WebApi = api
    acts: WebAdmin = api
    assert (reads, acts) == (api, api)
