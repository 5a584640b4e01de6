import math
import socket
from urllib.parse import parse_qs, urlsplit

import pytest

from bot.core.model import Source, Unreadable
from bot.core.tools import Prometheus, Sample
from bot.edges.http import Limits
from bot.edges.prometheus import PrometheusServer
from tests.edges.raw_server import as_json, http, raw_server

QUERY = 'histogram_quantile(0.95, sum by (le) (rate(x_bucket{a="b"}[5m])))'


def success(kind: str, result: object) -> bytes:
    return as_json({"status": "success", "data": {"resultType": kind, "result": result}})


async def ask(answer: bytes) -> list[Sample]:
    async with raw_server(answer) as server:
        prometheus = PrometheusServer(server.url)
        try:
            return list(await prometheus.query(QUERY))
        finally:
            await prometheus.aclose()


async def test_a_vector_becomes_samples() -> None:
    series = [
        {"metric": {"__name__": "up", "job": "web"}, "value": [1700000000.1, "1"]},
        {"metric": {}, "value": [1700000000.1, "NaN"]},
    ]
    up, nameless = await ask(success("vector", series))
    assert up == Sample("up", {"job": "web"}, 1.0)
    assert (nameless.name, nameless.labels) == ("", {})
    assert math.isnan(nameless.value)


async def test_a_scalar_is_one_sample() -> None:
    assert await ask(success("scalar", [1700000000.1, "0.5"])) == [Sample("", {}, 0.5)]


async def test_no_series_is_an_answer() -> None:
    assert await ask(success("vector", [])) == []


async def test_the_query_arrives_as_it_was_written_below_the_given_address() -> None:
    async with raw_server(success("vector", [])) as server:
        prometheus: Prometheus = PrometheusServer(server.url.replace("//", "//me:pw@") + "/prom/")
        await prometheus.query(QUERY)
    target = urlsplit(server.requests[0].split(" ")[1])
    assert target.path == "/prom/api/v1/query"
    assert parse_qs(target.query) == {"query": [QUERY]}
    assert "Authorization: Basic" in server.requests[0]


@pytest.mark.parametrize(
    ("answer", "key"),
    [
        (http("<html>"), "http_html"),
        (http("hello"), "prometheus_unclear"),
        (http("[" * 50_000), "prometheus_unclear"),
        (as_json([1]), "prometheus_unclear"),
        (as_json({"status": "success"}), "prometheus_unclear"),
        (success("matrix", []), "prometheus_unclear"),
        (success("vector", [{"metric": {}, "histogram": [1, {}]}]), "prometheus_unclear"),
        (success("vector", [{"metric": {}, "value": [1, "fast"]}]), "prometheus_unclear"),
        (success("vector", [{"metric": None, "value": [1, "1"]}]), "prometheus_unclear"),
        (success("scalar", [1, 10**400]), "prometheus_unclear"),
        (as_json({"status": "error", "error": "parse error"}, 400), "prometheus_refused"),
        (as_json({"status": "error", "error": "timed out"}, 503), "prometheus_refused"),
        (as_json({}, 404), "http_status"),
        (http("", status=502), "http_status"),
    ],
)
async def test_every_other_answer_is_unreadable_by_name(answer: bytes, key: str) -> None:
    with pytest.raises(Unreadable) as caught:
        await ask(answer)
    assert (caught.value.source, caught.value.why.key) == (Source.PROMETHEUS, key)


async def test_what_prometheus_says_against_a_query_is_passed_on_short() -> None:
    with pytest.raises(Unreadable) as caught:
        await ask(as_json({"status": "error", "error": "bad " * 1000}, 422))
    assert str(caught.value.why.values["said"]).startswith("bad bad")
    assert len(str(caught.value.why.values["said"])) == 300


async def test_a_prometheus_that_is_down_is_unreadable() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{probe.getsockname()[1]}"
        with pytest.raises(Unreadable) as caught:
            await PrometheusServer(address, limits=Limits(seconds=2)).query("up")
    assert (caught.value.source, caught.value.why.key) == (Source.PROMETHEUS, "http_refused")
