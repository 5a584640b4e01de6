"""The way to a host, step by step: name, connection, TLS. Each step is timed and bounded."""

import asyncio
import socket
import ssl
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import urlsplit

from bot.core.markets import Path, Stage
from bot.core.model import Phrase, phrase
from bot.edges.http import certificates
from bot.edges.markets.echo import echo
from bot.edges.markets.resolve import Resolver, is_address

TRIES: Final = 3  # addresses of one host


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """Seconds for each step; together they leave time for the answer itself."""

    resolve: float = 3.0
    second: float = 2.0
    connect: float = 3.0
    tls: float = 3.0
    echo: float = 0.7  # for each of three, while the other steps are made


async def walk(
    url: str,
    resolver: Resolver,
    bounds: Bounds,
    context: ssl.SSLContext | None = None,
    *,
    ping: bool = False,
) -> Path:
    """Go as far as it goes; the path says where it stopped and why.

    With `ping` the host is also asked for three echoes, which decide nothing: many answer none.
    """
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        host, port, parts = "", None, urlsplit("")
    if not host or parts.scheme not in {"http", "https"}:
        return Path(host=host or "?", stage=Stage.ADDRESS, why=phrase("net_no_address"))
    secure = parts.scheme == "https"
    port = port or (443 if secure else 80)
    context = (context or certificates()) if secure else None
    path, addresses = await _resolve(host, port, resolver, bounds)
    if not addresses:
        return path
    if not ping:
        return await _enter(path, addresses, port, context, bounds)
    # Side by side: whoever asks waits no longer for it.
    entered, back = await asyncio.gather(
        _enter(path, addresses, port, context, bounds),
        echo(addresses[0], bounds.echo),
    )
    return replace(entered, echo=back)


async def _enter(
    path: Path,
    addresses: Sequence[str],
    port: int,
    context: ssl.SSLContext | None,
    bounds: Bounds,
) -> Path:
    """Connect, and with a context make the handshake."""
    path, sock = await _connect(path, addresses, port, bounds)
    if sock is None or context is None:
        if sock is not None:
            sock.close()
        return path
    return await _handshake(path, sock, context, bounds)


async def _resolve(
    host: str, port: int, resolver: Resolver, bounds: Bounds
) -> tuple[Path, list[str]]:
    started = time.perf_counter()
    path = Path(host=host, stage=Stage.DNS)
    if is_address(host):
        return replace(path, addresses=1), [host]
    try:
        found = await resolver.addresses(host, port, bounds.resolve)
    except TimeoutError:
        why = phrase("net_dns_silent", seconds=bounds.resolve)
    except (OSError, UnicodeError):  # a name with an empty or overlong part is no host either
        why = phrase("net_dns_unknown")
    else:
        return replace(path, addresses=len(found), dns_ms=_since(started)), found
    second = await resolver.second_knows(host, bounds.second)
    return replace(path, why=why, second=second), []


async def _connect(
    path: Path, addresses: Sequence[str], port: int, bounds: Bounds
) -> tuple[Path, socket.socket | None]:
    """Try the addresses one after the other within the time that all of them have."""
    started = time.perf_counter()
    why = phrase("net_refused", port=port)
    try:
        async with asyncio.timeout(bounds.connect):
            for address in addresses[:TRIES]:
                try:
                    sock = await _open(address, port)
                except OSError as error:
                    silent = isinstance(error, TimeoutError)
                    why = phrase("net_silent" if silent else _trouble(error), port=port)
                    continue
                return replace(path, stage=Stage.HTTP, connect_ms=_since(started)), sock
    except TimeoutError:
        why = phrase("net_silent", port=port)
    return replace(path, stage=Stage.NETWORK, why=why), None


def _trouble(error: OSError) -> str:
    return "net_refused" if isinstance(error, ConnectionRefusedError) else "net_unreachable"


async def _open(address: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_STREAM)
    sock.settimeout(0)  # what asyncio wants
    try:
        await asyncio.get_running_loop().sock_connect(sock, (address, port))
    except BaseException:
        sock.close()
        raise
    return sock


async def _handshake(
    path: Path, sock: socket.socket, context: ssl.SSLContext, bounds: Bounds
) -> Path:
    started = time.perf_counter()
    loop = asyncio.get_running_loop()
    try:
        # The handshake has a limit of its own: cancelled from outside it would leak its socket.
        transport, _ = await loop.create_connection(
            asyncio.Protocol,
            sock=sock,
            ssl=context,
            server_hostname=path.host,
            ssl_handshake_timeout=bounds.tls,
            ssl_shutdown_timeout=0.5,
        )
    except ssl.SSLCertVerificationError as error:
        return replace(path, stage=Stage.TLS, why=_distrust(error))
    except (ssl.SSLError, OSError):
        return replace(path, stage=Stage.TLS, why=phrase("net_tls_failed"))
    took, certificate = _since(started), transport.get_extra_info("peercert")
    transport.abort()
    return replace(path, tls_ms=took, certificate_until=_ends(certificate))


def _distrust(error: ssl.SSLCertVerificationError) -> Phrase:
    return phrase("net_certificate", said=str(error.verify_message)[:100])


def _ends(certificate: dict[str, Any] | None) -> datetime | None:
    ends = (certificate or {}).get("notAfter")
    return datetime.fromtimestamp(ssl.cert_time_to_seconds(ends), UTC) if ends else None


def _since(started: float) -> float:
    return round(1000 * (time.perf_counter() - started), 1)
