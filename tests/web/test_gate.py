"""Who gets in, who does not, and how often."""

import re
from pathlib import Path

import pytest

from bot import web
from bot.web.gate import STRANGERS_BURST
from tests.web.conftest import ANNS, GONE, Api, is_problem

ROOT = Path(__file__).resolve().parents[2]
LOCKED = ["/ready", "/api/v1/ops/alerts", "/api/v1/ops/health"]


async def test_health_is_open_and_says_only_that_we_live(api: Api) -> None:
    answer = await api.get("/health", who=None)
    assert (answer.status_code, answer.json()) == (200, {"status": "healthy"})


@pytest.mark.parametrize("path", LOCKED)
async def test_everything_else_needs_a_token(api: Api, path: str) -> None:
    answer = await api.get(path, who=None)
    assert is_problem(answer, 401, "A token is needed")
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    assert is_problem(await api.get(path, who="no-such-token"), 401, "not known")
    assert (await api.get(path, who="viewer")).status_code in {200, 503}


@pytest.mark.parametrize("header", ["Basic dXNlcjpwYXNz", "Bearer", "Token x", "Bearer \xff\xfe"])
async def test_a_header_that_is_no_token_is_refused(api: Api, header: str) -> None:
    headers = [(b"Authorization", header.encode("latin-1"))]
    answer = await api.client.get("/api/v1/ops/health", headers=headers)
    assert is_problem(answer, 401)


async def test_the_scheme_may_be_written_small(api: Api) -> None:
    headers = {"Authorization": "bearer secret-of-the-viewer"}
    assert (await api.client.get("/api/v1/ops/health", headers=headers)).status_code == 200


async def test_a_token_in_the_address_opens_nothing(api: Api) -> None:
    path = "/api/v1/ops/health?token=secret-of-the-admin&access_token=secret-of-the-admin"
    assert is_problem(await api.get(path, who=None), 401)


async def test_roles_are_kept(api: Api) -> None:
    path = "/api/v1/ops/run-detectors"
    assert is_problem(await api.post(path, who="viewer"), 403, "needs manager")
    assert is_problem(await api.post(path, who="sender"), 403, "needs manager")
    assert is_problem(await api.get("/api/v1/ops/alerts", who="sender"), 403, "needs viewer")
    assert (await api.post(path, who="admin")).status_code == 200


async def test_a_token_is_worth_no_more_than_the_person_it_stands_for(api: Api) -> None:
    assert (await api.get("/api/v1/ops/alerts", who=ANNS)).status_code == 200
    assert is_problem(await api.get("/api/v1/ops/alerts", who=GONE), 403, "no role any more")


async def test_refusals_are_in_the_audit_log(api: Api) -> None:
    await api.post("/api/v1/ops/run-detectors", who="viewer")
    await api.get("/api/v1/ops/health", who="a-wrong-one")
    assert await api.audit() == [
        ("api:the-viewer", "POST /api/v1/ops/run-detectors", "api_role"),
        ("api:? from 127.0.0.1", "GET /api/v1/ops/health", "api_wrong_token"),
    ]


async def test_a_flood_of_wrong_tokens_is_slowed_down_and_does_not_fill_the_log(api: Api) -> None:
    answers = [await api.get("/ready", who="wrong") for _ in range(int(STRANGERS_BURST) + 5)]
    assert [one.status_code for one in answers[-5:]] == [429] * 5
    assert is_problem(answers[-1], 429)
    assert int(answers[-1].headers["Retry-After"]) >= 1
    assert len(await api.audit()) == 3
    assert (await api.get("/api/v1/ops/health")).status_code == 200  # tokens are not its victims
    api.ticks.now += 60
    assert is_problem(await api.get("/ready", who="wrong"), 401)


async def test_a_token_has_its_rate(api: Api) -> None:
    for _ in range(40):
        assert (await api.get("/api/v1/ops/health")).status_code == 200
    answer = await api.get("/api/v1/ops/health")
    assert is_problem(answer, 429, "Too many requests")
    assert (await api.get("/api/v1/ops/health", who="manager")).status_code == 200
    api.ticks.now += int(answer.headers["Retry-After"])
    assert (await api.get("/api/v1/ops/health")).status_code == 200


async def test_programs_of_this_machine_may_read_figures_without_a_token(api: Api) -> None:
    assert (await api.get("/metrics", who=None)).status_code == 200


async def test_only_what_the_security_page_names_is_open(api: Api) -> None:
    """The runbooks' lines without a token, and nothing more; from elsewhere not even all these."""
    everybody = {"/health", "/docs", "/openapi.json"}
    here = {"/metrics", "/api/v1/ops/slo/summary"}
    seen: dict[str, set[str]] = {"here": set(), "there": set()}
    for one in web.endpoints(api.context):
        if one.method != "GET":
            assert one.needs is not None
            continue
        for place, headers in (("here", {}), ("there", {"Via": "1.1 proxy"})):
            api.ticks.now += 10
            path = re.sub(r"\{\w+\}", "1", one.path)
            answer = await api.get(path, who=None, headers=headers)
            if answer.status_code != 401:
                seen[place].add(one.path)
    assert seen == {"here": everybody | here, "there": everybody}
    page = (ROOT / "docs/security.md").read_text("utf-8")
    assert all(f"`{path}`" in page for path in everybody | here)
    assert (await api.get("/api/v1/ops/slo/summary?days=7", who=None)).status_code == 200


@pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded", "X-Real-IP", "Via"])
async def test_whom_a_proxy_passes_on_is_not_this_machine(api: Api, header: str) -> None:
    answer = await api.get("/metrics", who=None, headers={header: "127.0.0.1"})
    assert is_problem(answer, 401)


async def test_a_wrong_token_does_not_become_none(api: Api) -> None:
    assert is_problem(await api.get("/metrics", who="wrong"), 401)


@pytest.mark.parametrize("host", ["evil.example", "10.0.0.5:8090", "localhost.evil.example"])
async def test_a_name_that_leads_here_opens_nothing(api: Api, host: str) -> None:
    assert is_problem(await api.get("/metrics", who=None, headers={"Host": host}), 401)
    for own in ("localhost:8090", "127.0.0.1", "[::1]:8090"):
        answer = await api.get("/metrics", who=None, headers={"Host": own})
        assert answer.status_code == 200
