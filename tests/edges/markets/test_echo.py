"""Pings without another program: of this machine, and where they are not allowed."""

import errno
import os
import socket
from typing import NoReturn

import pytest

from bot.core.markets import Echo, Stage
from bot.edges.markets import echo as module
from bot.edges.markets.echo import HEAD, V4, V6, checksum, echo, is_reply, packet
from bot.edges.markets.resolve import Resolver
from bot.edges.markets.way import Bounds, walk
from tests.edges.raw_server import as_json, raw_server

MARK = b"12345678"


async def home(address: str) -> Echo:
    found = await echo(address, 2.0)
    if not found.allowed:
        pytest.skip("neither net.ipv4.ping_group_range nor CAP_NET_RAW lets this account ping")
    return found


async def test_this_machine_answers_each_of_three() -> None:
    found = await home("127.0.0.1")
    assert (found.sent, len(found.back_ms)) == (3, 3)
    assert all(0 <= ms < 2000 for ms in found.back_ms)


async def test_it_answers_over_ipv6_too() -> None:
    with socket.socket(socket.AF_INET6, socket.SOCK_STREAM) as probe:
        try:
            probe.bind(("::1", 0))
        except OSError:
            pytest.skip("this machine has no IPv6")
    assert len((await home("::1")).back_ms) == 3


async def test_a_host_that_answers_none_costs_its_time_and_no_more(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    await home("127.0.0.1")
    monkeypatch.setattr(module, "is_reply", lambda *_: False)
    assert await echo("127.0.0.1", 0.05) == Echo(sent=3)


@pytest.mark.parametrize("number", [errno.EPERM, errno.EPROTONOSUPPORT, errno.EAFNOSUPPORT])
async def test_where_no_socket_may_be_opened_it_says_so(
    number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> NoReturn:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(socket, "socket", refuse)
    assert await echo("127.0.0.1", 1.0) == Echo(allowed=False)


async def test_a_host_without_a_way_is_no_error() -> None:
    found = await echo("0.0.0.256", 0.05)  # no address at all: nothing is sent to anybody
    assert not found.back_ms


@pytest.mark.parametrize("family", [V4, V6])
def test_only_the_answer_to_that_request_counts(family: module.Family) -> None:
    sent = packet(family, 2, MARK)
    assert not is_reply(sent, family, 2, MARK)  # a raw socket hears its own question
    answer = HEAD.pack(family.reply, 0, 0, 7, 2) + sent[HEAD.size :]
    assert is_reply(answer, family, 2, MARK)
    assert not is_reply(answer, family, 1, MARK)
    assert not is_reply(answer, family, 2, b"87654321")
    assert not is_reply(HEAD.pack(family.reply, 1, 0, 7, 2) + sent[HEAD.size :], family, 2, MARK)
    assert not is_reply(answer[:7], family, 2, MARK)


def test_the_checksum_is_that_of_the_standard() -> None:
    assert checksum(bytes.fromhex("0001f203f4f5f6f7")) == 0x220D  # RFC 1071's own example
    assert checksum(packet(V4, 1, MARK)) == 0


async def test_the_way_to_a_host_has_its_echoes_where_they_are_wanted() -> None:
    resolver = Resolver()
    async with raw_server(as_json({})) as server:
        path = await walk(server.url, resolver, Bounds(), ping=True)
        plain = await walk(server.url, resolver, Bounds())
    resolver.close()
    assert path.stage is Stage.HTTP
    assert path.echo is not None
    assert path.echo.allowed == (await echo("127.0.0.1", 1.0)).allowed
    assert plain.echo is None
