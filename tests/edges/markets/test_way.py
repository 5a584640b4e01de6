"""The way to a host: each step that can fail, against real sockets, names and TLS."""

import asyncio
import contextlib
import socket
import ssl
import subprocess
import threading
from collections.abc import AsyncIterator, Iterator
from pathlib import Path as File
from typing import cast

import dns.flags
import dns.message
import dns.rcode
import dns.rrset
import pytest

from bot.core.markets import Stage
from bot.edges.markets.resolve import Resolver
from bot.edges.markets.way import Bounds, walk
from tests.edges.raw_server import as_json, raw_server

SHORT = Bounds(resolve=0.2, second=0.2, connect=0.2, tls=0.2)


@pytest.fixture
def resolver() -> Iterator[Resolver]:
    made = Resolver()
    yield made
    made.close()


async def test_a_host_that_answers(resolver: Resolver) -> None:
    async with raw_server(as_json({})) as server:
        path = await walk(server.url.replace("127.0.0.1", "localhost"), resolver, Bounds())
    assert (path.stage, path.host) == (Stage.HTTP, "localhost")
    assert path.addresses >= 1
    assert path.dns_ms is not None
    assert path.connect_ms is not None
    assert path.tls_ms is None
    assert path.why is None


async def test_an_address_needs_no_resolver(resolver: Resolver) -> None:
    async with raw_server(as_json({})) as server:
        path = await walk(server.url, resolver, Bounds())
    assert (path.stage, path.addresses, path.dns_ms) == (Stage.HTTP, 1, None)


@pytest.mark.parametrize(
    "url", ["", "no address", "ftp://host", "http://", "http://[::1", "http://h:x"]
)
async def test_a_setting_that_is_no_address(resolver: Resolver, url: str) -> None:
    path = await walk(url, resolver, SHORT)
    assert path.stage is Stage.ADDRESS
    assert path.why is not None


async def test_a_port_that_takes_no_connections(resolver: Resolver) -> None:
    path = await walk("http://127.0.0.1:1", resolver, SHORT)
    assert (path.stage, path.why and path.why.key) == (Stage.NETWORK, "net_refused")


async def test_a_host_that_swallows_connections(resolver: Resolver) -> None:
    with socket.socket() as full:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        held = [socket.socket() for _ in range(4)]
        for one in held:  # the queue of a listener that takes nobody
            one.settimeout(0)
            one.connect_ex(full.getsockname())
        path = await walk(f"http://127.0.0.1:{full.getsockname()[1]}", resolver, SHORT)
        for one in held:
            one.close()
    assert (path.stage, path.why and path.why.key) == (Stage.NETWORK, "net_silent")


async def test_a_name_that_nobody_knows(
    resolver: Resolver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", _unknown)
    path = await walk("https://market.invalid", resolver, SHORT)
    assert (path.stage, path.why and path.why.key) == (Stage.DNS, "net_dns_unknown")
    assert path.second is None


def _unknown(*_args: object, **_more: object) -> None:
    raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")


@pytest.mark.parametrize(
    ("rcode", "known"), [(dns.rcode.NOERROR, True), (dns.rcode.NXDOMAIN, False)]
)
async def test_another_resolver_tells_whose_fault_it_is(
    rcode: dns.rcode.Rcode, *, known: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", _unknown)
    async with name_server(rcode) as address:
        resolver = Resolver(address)
        path = await walk("https://market.example", resolver, Bounds(second=2))
        resolver.close()
    assert path.second is known


async def test_a_second_resolver_that_is_silent_says_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", _unknown)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as deaf:
        deaf.bind(("127.0.0.1", 0))
        resolver = Resolver(f"127.0.0.1:{deaf.getsockname()[1]}")
        path = await walk("https://market.example", resolver, SHORT)
        resolver.close()
    assert path.second is None


async def test_a_resolver_that_hangs_is_bounded_and_holds_nobody_else(
    resolver: Resolver, monkeypatch: pytest.MonkeyPatch
) -> None:
    released = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: released.wait(5))
    try:
        path = await walk("https://market.example", resolver, SHORT)
        assert (path.stage, path.why and path.why.key) == (Stage.DNS, "net_dns_silent")
        assert await asyncio.to_thread(lambda: 1) == 1  # the default executor is free
    finally:
        released.set()


class _Names(asyncio.DatagramProtocol):
    def __init__(self, rcode: dns.rcode.Rcode) -> None:
        self.rcode = rcode

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.DatagramTransport", transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        question = dns.message.from_wire(data)
        answer = dns.message.make_response(question)
        answer.set_rcode(self.rcode)
        if self.rcode == dns.rcode.NOERROR:
            answer.answer.append(
                dns.rrset.from_text(question.question[0].name, 60, "IN", "A", "10.0.0.1")
            )
        self.transport.sendto(answer.to_wire(), addr)


@contextlib.asynccontextmanager
async def name_server(rcode: dns.rcode.Rcode) -> AsyncIterator[str]:
    transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(
        lambda: _Names(rcode), local_addr=("127.0.0.1", 0)
    )
    host, port = transport.get_extra_info("sockname")[:2]
    yield f"{host}:{port}"
    transport.close()


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[File, File]:
    folder = tmp_path_factory.mktemp("tls")
    key, cert = folder / "key.pem", folder / "cert.pem"
    line = (
        "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 30"
        f" -keyout {key} -out {cert} -subj /CN=localhost -addext subjectAltName=DNS:localhost"
    )
    subprocess.run(line.split(), check=True, capture_output=True)
    return key, cert


@contextlib.asynccontextmanager
async def tls_server(certificate: tuple[File, File]) -> AsyncIterator[int]:
    key, cert = certificate
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(cert, key)

    def closes(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    server = await asyncio.start_server(closes, "localhost", 0, ssl=context, family=socket.AF_INET)
    yield server.sockets[0].getsockname()[1]
    server.close()


async def test_tls_shows_when_the_certificate_ends(
    resolver: Resolver, certificate: tuple[File, File]
) -> None:
    trusting = ssl.create_default_context(cafile=str(certificate[1]))
    async with tls_server(certificate) as port:
        path = await walk(f"https://localhost:{port}", resolver, Bounds(), trusting)
    assert path.stage is Stage.HTTP
    assert path.tls_ms is not None
    assert path.certificate_until is not None


async def test_a_certificate_nobody_vouches_for_is_named(
    resolver: Resolver, certificate: tuple[File, File]
) -> None:
    async with tls_server(certificate) as port:
        path = await walk(f"https://localhost:{port}", resolver, Bounds())
    assert (path.stage, path.why and path.why.key) == (Stage.TLS, "net_certificate")
    assert "self-signed" in str(path.why)


async def test_a_host_that_speaks_no_tls(resolver: Resolver) -> None:
    async with raw_server(as_json({})) as server:
        path = await walk(server.url.replace("http:", "https:"), resolver, Bounds())
    assert (path.stage, path.why and path.why.key) == (Stage.TLS, "net_tls_failed")
