"""Errors, limits and headers: the same for every endpoint."""

import asyncio
import logging
from dataclasses import replace

import pytest

from bot import web
from bot.core.grants import Grant
from bot.core.model import Unreadable, phrase
from bot.edges.redact import Redactor
from bot.settings_web import Address
from bot.web import bodies
from bot.web.context import Context
from bot.web.endpoint import Call, Endpoint, Nothing
from bot.web.health import Alive
from bot.web.limits import Room
from bot.web.problems import Problem, ProblemError
from bot.web.server import ListenError, WebServer, listen
from tests.web.conftest import SECRETS, Api, client_of, is_problem

Empty = Call[Nothing, Nothing, Nothing]


async def test_an_unknown_path_and_a_wrong_method_are_problems(api: Api) -> None:
    assert is_problem(await api.get("/no/such/path"), 404, "/docs")
    answer = await api.call("DELETE", "/api/v1/ops/alerts", "admin")
    assert is_problem(answer, 405, "takes GET only")
    assert answer.headers["Allow"] == "GET"


async def test_health_may_be_looked_at_without_its_words_and_nothing_else(api: Api) -> None:
    alive = await api.call("HEAD", "/health", None)
    assert (alive.status_code, alive.content) == (200, b"")
    assert (await api.call("HEAD", "/ready", None)).status_code == 401
    assert (await api.call("HEAD", "/metrics", "viewer")).status_code == 200
    for path in ("/beat/backup", "/api/v1/ops/alerts"):
        assert (await api.call("HEAD", path, "admin")).status_code == 405


@pytest.mark.parametrize(
    ("query", "where"),
    [
        ("limit=0", "query.limit"),
        ("limit=501", "query.limit"),
        ("limit=ten", "query.limit"),
        ("severity=loud", "query.severity"),
        ("limit=1&limit=2", "query.limit"),
    ],
)
async def test_a_wrong_value_is_named(api: Api, query: str, where: str) -> None:
    answer = await api.get(f"/api/v1/ops/alerts?{query}")
    assert is_problem(answer, 422)
    assert [one["where"] for one in answer.json()["errors"]] == [where]


async def test_every_answer_has_its_headers(api: Api) -> None:
    for path in ("/health", "/no/such", "/api/v1/ops/alerts", "/docs"):
        headers = (await api.get(path)).headers
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Cache-Control"] == "no-store"
        assert "Access-Control-Allow-Origin" not in headers
        assert headers["Server"] == "sovani-ops"  # which versions we run is nobody's business


async def test_a_body_over_the_limit_is_refused_whether_announced_or_not(api: Api) -> None:
    async def pieces() -> object:
        for _ in range(20):
            yield b"x" * 10_000

    path = "/api/v1/ops/run-detectors"
    assert is_problem(await api.post(path, content=b"x" * 70_000), 413)
    assert is_problem(await api.post(path, content=pieces()), 413)
    packed = await api.post(path, content=b"x", headers={"Content-Encoding": "gzip"})
    assert is_problem(packed, 415)


async def test_a_slow_body_is_given_up(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bodies, "BODY_SECONDS", 0.05)
    reader, writer = await asyncio.open_connection(*api.address)
    writer.write(
        b"POST /api/v1/ops/run-detectors HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n"
        b"Authorization: Bearer " + SECRETS["manager"].encode() + b"\r\n\r\n{"
    )
    answer = await reader.readuntil(b"}")
    writer.close()
    assert answer.startswith(b"HTTP/1.1 408 ")
    assert b"application/problem+json" in answer


async def test_a_connection_without_a_whole_request_is_closed(
    context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.web.server.IDLE_SECONDS", 0.1)
    server = WebServer(context, [])
    await server.start(listen(Address("127.0.0.1", 0)))
    reader, writer = await asyncio.open_connection(*server.address)
    writer.write(b"GET /health HTTP/1.1\r\nHost: x\r\nX-Slow: ")
    async with asyncio.timeout(5):
        assert await reader.read() == b""
    writer.close()
    await server.aclose()


async def test_what_a_check_has_kept_of_a_secret_is_not_told(context: Context) -> None:
    async def tells(_call: Empty) -> Problem:
        return Problem(title="x", status=1, detail='to"ken of another', instance="/")

    endpoint: Endpoint[Nothing, Nothing, Nothing] = Endpoint(
        method="GET", path="/x", name="x", about="", work=tells, answer=Problem, needs=None
    )
    redact = Redactor(['to"ken'])
    server = WebServer(replace(context, redact=redact), [endpoint])
    await server.start(listen(Address("127.0.0.1", 0)))
    async with client_of(server) as client:
        assert (await client.get("/x")).json()["detail"] == "«hidden» of another"
    await server.aclose()


async def test_malformed_requests_are_refused_without_a_word_in_the_log(
    api: Api, caplog: pytest.LogCaptureFixture
) -> None:
    for nonsense in (
        b"GARBAGE\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost\r\n\r\n",
        b"\x16\x03\x01\r\n\r\n",
    ):
        reader, writer = await asyncio.open_connection(*api.address)
        writer.write(nonsense)
        answer = await reader.read()
        writer.close()
        assert answer.startswith((b"HTTP/1.0 400", b"HTTP/1.1 400"))
        assert b"Traceback" not in answer
    assert caplog.records == []
    assert (await api.get("/health")).status_code == 200


async def test_what_breaks_tells_nothing_of_our_insides(
    context: Context, caplog: pytest.LogCaptureFixture
) -> None:
    async def breaks(_call: Empty) -> Alive:
        raise RuntimeError(SECRETS["admin"])

    async def blind(_call: Empty) -> Alive:
        raise Unreadable(phrase("shop_missing_column", column="daily_sales.d"))

    async def hangs(_call: Empty) -> Alive:
        await asyncio.sleep(30)
        return Alive()

    def made(name: str, work: object) -> Endpoint[Nothing, Nothing, Nothing]:
        return Endpoint(
            method="GET",
            path=f"/{name}",
            name=name,
            about="",
            work=work,  # type: ignore[arg-type]  # a test's own
            answer=Alive,
            needs=None,
            seconds=0.05,
        )

    server = WebServer(
        context, [made("breaks", breaks), made("blind", blind), made("hangs", hangs)]
    )
    await server.start(listen(Address("127.0.0.1", 0)))
    async with client_of(server) as client:
        assert is_problem(await client.get("/breaks"), 500, "the log says what")
        assert is_problem(await client.get("/blind"), 503, "daily_sales.d")
        assert is_problem(await client.get("/hangs"), 504, "given up")
    await server.aclose()
    assert [one.message for one in caplog.records if one.levelno >= logging.ERROR] == [
        "request failed"
    ]


def test_too_many_at_once_are_told_to_come_again() -> None:
    room = Room(most=1)
    with room.one(), pytest.raises(ProblemError) as refused, room.one():
        pass
    assert refused.value.headers["Retry-After"] == "1"
    with room.one() as guest:
        guest.hold(10)
        assert (room.busy, room.held) == (1, 10)
        with pytest.raises(ProblemError):
            guest.hold(room.most_bytes)
    assert (room.busy, room.held) == (0, 0)


async def test_an_address_in_use_is_said_in_one_line(api: Api) -> None:
    with pytest.raises(ListenError, match="in use"):
        listen(api.address)
    with pytest.raises(ListenError, match=r"^$"):  # the sentence for it stands in a template
        listen(Address("no-such-host.invalid", 0))


def test_what_the_api_offers_has_names_of_its_own(context: Context) -> None:
    found = web.endpoints(context)
    assert len({one.name for one in found}) == len(found)
    assert len({(one.method, one.path) for one in found}) == len(found)
    assert {one.path for one in found if one.needs is None} == {
        "/health",
        "/openapi.json",
        "/docs",
    }
    assert {one.path for one in found if one.local} == {"/metrics", "/api/v1/ops/slo/summary"}
    assert [one.path for one in found if one.method != "GET" and one.needs is Grant.VIEWER] == []
