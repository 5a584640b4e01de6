"""Bounded HTTP: one request, one time limit for all of it, one cap on its decoded body.

httpx limits each read, not the whole, and inflates whatever it is sent; both are held here.
Whatever goes wrong is an `Unreadable` whose phrase names the address without user, password
and query.
"""

import asyncio
import socket
import ssl
import zlib
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from http import HTTPStatus
from typing import Final

import httpx

from bot.core.model import Json, Phrase, Source, Unreadable, phrase

OK: Final = (200,)
ANY: Final = range(100, 600)
_GZIP_OR_ZLIB = 47  # zlib's wbits for "look at the header"


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """`seconds` for the whole exchange, `size` in bytes of the decoded body."""

    seconds: float = 5.0
    size: int = 4_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """What to ask. `accept` are the statuses that count as an answer."""

    path: str
    method: str = "GET"
    headers: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] | None = None
    content: bytes | None = None
    accept: Collection[int] = OK
    limits: Limits = Limits()


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    status: int
    media: str
    body: bytes
    where: str
    headers: Mapping[str, str] = field(default_factory=dict)  # names in small letters

    @property
    def is_html(self) -> bool:
        return "html" in self.media or self.body[:200].lstrip().startswith(b"<")


class NoReply(Unreadable):
    """No usable answer. `sent` tells that the request may have reached the other side."""

    def __init__(self, source: Source, key: str, *, sent: bool, **values: Json) -> None:
        super().__init__(phrase(key, **values), source)
        self.sent = sent

    @property
    def of_action(self) -> Phrase:
        """What it means where something was to be changed: it may have been, if it was sent.

        Below 500 the other side has understood the request, and says no.
        """
        status = self.why.values.get("status")
        says_no = isinstance(status, int) and status < HTTPStatus.INTERNAL_SERVER_ERROR
        return phrase(self.why.key, **self.why.values, maybe_done=self.sent and not says_no)


def not_accepted(source: Source, reply: Reply) -> NoReply:
    """Say by its status why this is no answer."""
    return NoReply(source, "http_status", sent=True, where=reply.where, status=reply.status)


class Remote:
    """One HTTP service: `http://…`, `https://…`, or `unix:///path` for a socket file.

    User and password of its address go into a header, never into a URL.
    """

    def __init__(self, address: str, source: Source) -> None:
        url = _parsed(address)
        self._source = source
        self._auth = httpx.BasicAuth(url.username, url.password) if url.userinfo else None
        self._shown = str(url.copy_with(userinfo=b"", query=None, fragment=None)).rstrip("/")
        over_socket = url.scheme == "unix"
        self._base = "http://localhost" if over_socket else self._shown
        # Rounds are minutes apart: a kept connection would mostly be found closed.
        self._client = httpx.AsyncClient(
            transport=httpx.AsyncHTTPTransport(
                uds=url.path if over_socket else None,
                verify=certificates(),
                limits=httpx.Limits(max_keepalive_connections=0),
                trust_env=False,
            ),
            trust_env=False,
            follow_redirects=False,
        )

    async def fetch(self, call: Call) -> Reply:
        where = f"{self._shown}{call.path}"
        with self._named(where, call.limits):
            async with asyncio.timeout(call.limits.seconds):
                reply = await self._exchange(where, call)
        if reply.status not in call.accept:
            raise not_accepted(self._source, reply)
        return reply

    async def aclose(self) -> None:
        await self._client.aclose()

    async def _exchange(self, where: str, call: Call) -> Reply:
        async with self._client.stream(
            call.method,
            f"{self._base}{call.path}",
            content=call.content,
            params=call.query,
            headers={"Accept-Encoding": "gzip", **call.headers},
            auth=None if "Authorization" in call.headers else self._auth,
            timeout=_within(call.limits.seconds),
        ) as response:
            body = await _capped(response, call.limits.size)
            media = response.headers.get("content-type", "").lower()
            return Reply(
                status=response.status_code,
                media=media,
                body=body,
                where=where,
                headers={name.lower(): value for name, value in response.headers.items()},
            )

    @contextmanager
    def _named(self, where: str, limits: Limits) -> Iterator[None]:
        """Turn each way to fail into its phrase.

        Causes are dropped: the text of some of them repeats the header they stumbled over.
        """
        try:
            yield
        except _TooLargeError:
            raise self._failed("http_too_large", where, limit_bytes=limits.size) from None
        except httpx.ConnectTimeout:
            raise self._failed("http_timeout", where, sent=False, seconds=limits.seconds) from None
        except (TimeoutError, httpx.TimeoutException):
            raise self._failed("http_timeout", where, seconds=limits.seconds) from None
        except httpx.ConnectError as error:
            raise self._failed(connect_trouble(error), where, sent=False) from None
        except (httpx.UnsupportedProtocol, httpx.InvalidURL):
            raise self._failed("http_bad_address", where, sent=False) from None
        except (httpx.LocalProtocolError, UnicodeEncodeError):
            raise self._failed("http_bad_header", where, sent=False) from None
        except (httpx.DecodingError, zlib.error):
            raise self._failed("http_undecodable", where) from None
        except httpx.RemoteProtocolError as error:
            raise self._failed(_protocol_trouble(error), where) from None
        except (httpx.HTTPError, OSError):
            raise self._failed("http_broken_off", where) from None

    def _failed(self, key: str, where: str, *, sent: bool = True, **values: Json) -> NoReply:
        return NoReply(self._source, key, sent=sent, where=where, **values)


@cache
def certificates() -> ssl.SSLContext:
    """Whom to trust, loaded once: it takes 50 ms in which nothing else would be done."""
    return httpx.create_ssl_context(trust_env=False)


def _parsed(address: str) -> httpx.URL:
    """Read an address; a broken one becomes an empty one, which each request then refuses."""
    try:
        return httpx.URL(address)
    except httpx.InvalidURL:
        return httpx.URL("")


def _within(seconds: float) -> httpx.Timeout:
    """End connecting a little before the whole: cancelling a TLS handshake leaks its socket."""
    return httpx.Timeout(seconds, connect=0.9 * seconds)


class _TooLargeError(Exception):
    pass


async def _capped(response: httpx.Response, size: int) -> bytes:
    """Read and inflate, never holding more than `size` bytes of the result."""
    encoding = response.headers.get("content-encoding", "identity").strip().lower()
    if encoding not in {"identity", "gzip", "deflate"}:
        raise httpx.DecodingError(f"cannot decode {encoding[:40]}")
    inflate = None if encoding == "identity" else zlib.decompressobj(_GZIP_OR_ZLIB)
    body = bytearray()
    async for chunk in response.aiter_raw():
        body += inflate.decompress(chunk, size + 1 - len(body)) if inflate else chunk
        if len(body) > size:
            raise _TooLargeError
        if inflate and inflate.eof:
            break
    if inflate and body and not inflate.eof:
        raise httpx.DecodingError("the compressed body ends early")
    return bytes(body)


def connect_trouble(error: BaseException) -> str:
    """Why there is no connection: the key of a phrase."""
    causes = list(_chain(error))
    if any(isinstance(cause, socket.gaierror) for cause in causes):
        return "http_unknown_host"
    return "http_tls" if any(isinstance(c, ssl.SSLError) for c in causes) else "http_refused"


def _protocol_trouble(error: httpx.RemoteProtocolError) -> str:
    """Tell a connection that broke off from one that does not speak HTTP."""
    text = str(error)
    broken = "disconnected" in text or "closed connection" in text
    return "http_broken_off" if broken else "http_not_http"


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__
