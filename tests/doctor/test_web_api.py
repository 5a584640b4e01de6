from pathlib import Path

import pytest

from bot.doctor import web_api
from tests.doctor.patient import HANGS, SECRETS, case, serving, told
from tests.edges.raw_server import as_json, http

HISTOGRAM = """# TYPE http_request_duration_seconds histogram
http_request_duration_seconds_bucket{method="GET",endpoint="/a",le="0.1"} 1
http_request_duration_seconds_bucket{method="GET",endpoint="/a",le="+Inf"} 1
http_request_duration_seconds_bucket{method="GET",endpoint="/b",le="+Inf"} 0
http_request_duration_seconds_count{method="GET",endpoint="/a"} 1
"""
COUNTER = "# TYPE http_requests_total counter\nhttp_requests_total 1\n"
READY = {"checks": {"database": "ok", "disk": "ok"}}
WELL = {
    "/health": as_json({"status": "healthy"}),
    "/healthz": as_json(READY),
    "/metrics": http(HISTOGRAM),
}
Lines = list[tuple[str, str, str, str]]


async def examined(folder: Path, answers: dict[str, bytes], **changes: object) -> Lines:
    async with serving(answers) as server:
        made = case(folder, web_api_url=server.url, **changes)
        lines = [told(one) for one in await web_api.examine(made)]
    assert not any("POST" in asked for asked in server.asked)
    assert not any(SECRETS["admin_token"] in asked for asked in server.asked)
    return lines


async def test_a_web_api_in_good_health(tmp_path: Path) -> None:
    lines = await examined(tmp_path, WELL, admin_token=SECRETS["admin_token"])
    assert lines == [
        ("Web API", "ok", "It is healthy.", ""),
        ("Request times", "ok", "/metrics has them for 2 endpoints.", ""),
        ("Admin token", "ok", "Set. It was not tried: that would clear the caches.", ""),
    ]


async def test_without_an_admin_token_caches_cannot_be_cleared(tmp_path: Path) -> None:
    *_, token = await examined(tmp_path, WELL)
    assert token[1] == "warning"
    assert "Clear cache" in token[3]


async def test_parts_that_are_not_ready_are_named(tmp_path: Path) -> None:
    parts = {"checks": {"database": "timeout", "disk": "ok"}}
    answers = {**WELL, "/healthz": as_json(parts, 503)}
    health, *_ = await examined(tmp_path, answers)
    assert health[1:3] == ("warning", "It is up but not ready: database: timeout.")


async def test_an_older_release_without_healthz_is_well(tmp_path: Path) -> None:
    health, *_ = await examined(tmp_path, {**WELL, "/healthz": http(status=404)})
    assert health[1] == "ok"


async def test_a_strange_state_of_health_is_quoted(tmp_path: Path) -> None:
    health, *_ = await examined(tmp_path, {**WELL, "/health": as_json({"status": "so so"})})
    assert health[1:3] == ("warning", "It says of itself: so so")


async def test_metrics_without_the_histogram(tmp_path: Path) -> None:
    _, metrics, _ = await examined(tmp_path, {**WELL, "/metrics": http(COUNTER)})
    assert metrics[1] == "warning"
    assert "http_request_duration_seconds_bucket" in metrics[2]


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (http("<html>", media="text/html"), "web page"),
        (http(status=403), "HTTP 403"),
        (HANGS, "did not finish"),
    ],
)
async def test_a_web_api_that_is_something_else(tmp_path: Path, answer: bytes, said: str) -> None:
    answers = dict.fromkeys(WELL, answer)
    health, metrics, _ = await examined(tmp_path, answers, seconds=0.3)
    assert [health[1], metrics[1]] == ["broken", "broken"]
    assert said in health[2]
    assert said in metrics[2]


async def test_metrics_do_not_matter_where_prometheus_is_asked(tmp_path: Path) -> None:
    answers = {**WELL, "/metrics": http(status=404)}
    _, metrics, _ = await examined(tmp_path, answers, prometheus_url="http://127.0.0.1:1")
    assert metrics[1] == "skipped"
