"""Prometheus's text format as the web API serves it, and PromQL's answers."""

import json

from bot.core import histogram
from bot.core.model import Unreadable
from bot.edges.prometheus import PrometheusServer
from bot.edges.webapi import ShopWebApi
from fuzz._canned import Canned, at_once
from fuzz._grown import Bytes, grown

TEXT = b"""# HELP http_request_duration_seconds Time
# TYPE http_request_duration_seconds histogram
http_request_duration_seconds_bucket{method="GET",endpoint="/a b\\"c\\\\",le="0.5"} 3
http_request_duration_seconds_bucket{method="GET",endpoint="/",le="+Inf"} 4 1764072000000
http_request_duration_seconds_sum{method="GET",endpoint="/"} 1.5e1
http_request_duration_seconds_count{method="GET",endpoint="/"} 4
tenant_unscoped_query_total NaN
"""
VECTOR = {
    "status": "success",
    "data": {
        "resultType": "vector",
        "result": [{"metric": {"__name__": "up", "job": "x"}, "value": [1764072000.1, "1"]}],
    },
}
SCALAR = {"status": "success", "data": {"resultType": "scalar", "result": [1, "NaN"]}}
REFUSED = {"status": "error", "errorType": "bad_data", "error": "parse error"}
NAMES = (
    *("status", "data", "resultType", "result", "metric", "value", "error", "__name__", "job"),
    *("success", "vector", "scalar"),
)
SEEDS = (
    b"\x00" + TEXT,
    *(b"\x01" + json.dumps(answer).encode() for answer in (VECTOR, SCALAR, REFUSED)),
    b"\x02" + bytes(range(0xB0, 0xF0, 3)),
)


def one(data: bytes) -> None:
    source = Bytes(data)
    kind = source.next() % 3
    try:
        if kind == 0:
            _text(source.rest)
        elif kind == 1:
            _answer(source.rest)
        else:
            shape = ("vector", "scalar")[source.next() & 1]
            found = {"resultType": shape, "result": grown(source, NAMES, 1)}
            _answer(json.dumps({"status": "success", "data": found}).encode())
    except Unreadable as blind:
        assert blind.why.key


def _text(body: bytes) -> None:
    api = ShopWebApi("http://127.0.0.1:9")
    vars(api)["_remote"] = Canned(200, body)
    samples = at_once(api.metrics(""))
    assert samples
    assert all(isinstance(sample.value, float) for sample in samples)
    for metric in {sample.name for sample in samples}:
        whole = histogram.merge(histogram.compact(samples, metric))
        found = histogram.quantile(0.95, whole)
        assert found is None or found.value_seconds == found.value_seconds  # no NaN


def _answer(body: bytes) -> None:
    server = PrometheusServer("http://127.0.0.1:9")
    vars(server)["_remote"] = Canned(200, body)
    for sample in at_once(server.query("up")):
        assert isinstance(sample.value, float)
        assert all(isinstance(text, str) for text in sample.labels.values())
