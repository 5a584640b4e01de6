"""A few echoes of a host by ICMP, without another program.

An unprivileged socket does it where the machine lets this account (`net.ipv4.ping_group_range`),
a raw one where the assistant may open that. Where neither is allowed nothing is sent.
"""

import asyncio
import contextlib
import os
import socket
import struct
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from bot.core.markets import Echo

COUNT: Final = 3
HEAD: Final = struct.Struct("!BBHHH")  # type, code, checksum, identifier, number
PAYLOAD: Final = b"sovani-ops"
LARGEST: Final = 1500
_IP_HEADER: Final = 20  # at least


@dataclass(frozen=True, slots=True)
class Family:
    """How one version of IP says it."""

    family: int
    protocol: int
    request: int
    reply: int


V4: Final = Family(socket.AF_INET, socket.IPPROTO_ICMP, 8, 0)
V6: Final = Family(socket.AF_INET6, socket.IPPROTO_ICMPV6, 128, 129)


async def echo(address: str, seconds: float) -> Echo:
    """Send three, one after another, and wait so long for each; it never raises `OSError`."""
    family = V6 if ":" in address else V4
    back: list[float] = []
    try:
        with _opened(family) as (sock, raw):
            if sock is None:
                return Echo(allowed=False)
            sock.connect((address, 0))
            for number in range(1, COUNT + 1):
                with contextlib.suppress(OSError, TimeoutError):
                    async with asyncio.timeout(seconds):
                        back.append(await _one(sock, family, number, raw=raw))
    except OSError:
        pass  # no way there: no echo came back
    return Echo(sent=COUNT, back_ms=tuple(back))


async def _one(sock: socket.socket, family: Family, number: int, *, raw: bool) -> float:
    """Milliseconds until its own echo is back; answers to others are passed over."""
    loop, mark = asyncio.get_running_loop(), os.urandom(8)
    started = time.perf_counter()
    await loop.sock_sendall(sock, packet(family, number, mark))
    while True:
        got = await loop.sock_recv(sock, LARGEST)
        if raw and family is V4:
            got = got[4 * (got[0] & 0x0F) :] if len(got) >= _IP_HEADER else b""
        if is_reply(got, family, number, mark):
            return round(1000 * (time.perf_counter() - started), 1)


def packet(family: Family, number: int, mark: bytes) -> bytes:
    """An echo request; the kernel fills in what it knows better."""
    body = mark + PAYLOAD
    head = HEAD.pack(family.request, 0, 0, os.getpid() & 0xFFFF, number)
    return HEAD.pack(family.request, 0, checksum(head + body), os.getpid() & 0xFFFF, number) + body


def is_reply(got: bytes, family: Family, number: int, mark: bytes) -> bool:
    """Whether this answers that request; an identifier may be the kernel's own."""
    if len(got) < HEAD.size:
        return False
    kind, code, _, _, its = HEAD.unpack_from(got)
    return (kind, code, its) == (family.reply, 0, number) and got[HEAD.size :].startswith(mark)


def checksum(data: bytes) -> int:
    """The one's complement sum of RFC 1071."""
    data += b"\0" * (len(data) % 2)
    total: int = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


@contextmanager
def _opened(family: Family) -> Iterator[tuple[socket.socket | None, bool]]:
    """A socket for echoes and whether it is raw; None where the machine allows neither."""
    for kind in (socket.SOCK_DGRAM, socket.SOCK_RAW):
        try:
            sock = socket.socket(family.family, kind, family.protocol)
        except OSError:  # not allowed, or a kernel that has no such sockets
            continue
        with sock:
            sock.settimeout(0)  # what asyncio wants
            yield sock, kind == socket.SOCK_RAW
        return
    yield None, False
