from pathlib import Path

import pytest

from bot.doctor import prometheus
from tests.doctor.patient import NOWHERE, case, serving, told
from tests.edges.raw_server import as_json, http


def vector(*series: object) -> bytes:
    data = {"resultType": "vector", "result": series}
    return as_json({"status": "success", "data": data})


@pytest.mark.parametrize(
    ("answer", "verdict", "said"),
    [
        (vector({"metric": {}, "value": [0, "42"]}), "ok", "42 series"),
        (vector(), "warning", "There is no http_request_duration_seconds_bucket yet."),
        (http(status=401), "broken", "it asks for a login"),
        (http("<html>", media="text/html"), "broken", "web page"),
    ],
)
async def test_what_prometheus_answers(
    tmp_path: Path, answer: bytes, verdict: str, said: str
) -> None:
    async with serving({"/api/v1/query": answer}) as server:
        url = server.url.replace("http://", "http://me:planted-password@")
        [result] = await prometheus.examine(case(tmp_path, prometheus_url=url))
    assert told(result)[1] == verdict
    assert said in told(result)[2]
    assert "planted-password" not in str(result)


async def test_unset_or_unreachable(tmp_path: Path) -> None:
    [unset] = await prometheus.examine(case(tmp_path))
    assert told(unset)[1:3] == ("skipped", "PROMETHEUS_URL is not set.")
    [gone] = await prometheus.examine(case(tmp_path, prometheus_url=NOWHERE))
    assert told(gone)[1] == "broken"
