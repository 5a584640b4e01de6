"""One bounded request, for whatever has a secret in its URL, needs a proxy, or tells the time.

`bot.edges.http` names addresses in full where something fails; here only the host is named.
"""

import asyncio
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Final

import httpx

from bot.core.model import Json, Unreadable, phrase
from bot.edges.http import certificates, connect_trouble

LARGEST: Final = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    url: str
    method: str = "GET"
    headers: Mapping[str, str] | None = None
    content: Mapping[str, Json] | bytes | None = None
    proxy: str | None = None
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """`date` is the server's clock when it answered, cut to whole seconds."""

    status: int
    date: datetime | None
    retry_after: int | None
    body: bytes

    @property
    def is_html(self) -> bool:
        return self.body[:200].lstrip().startswith(b"<")

    def object(self) -> Mapping[str, Any] | None:
        try:
            answer = json.loads(self.body)
        except (ValueError, RecursionError):
            return None
        return answer if isinstance(answer, dict) else None


async def ask(question: Ask) -> Heard:
    """Raise `Unreadable` with the reason in words where no answer came."""
    where = host(question.url)
    with _named(where, question.seconds):
        async with asyncio.timeout(question.seconds), _client(question) as client:
            return await _exchange(client, question)


def host(url: str) -> str:
    """Name the host and port only: user, password, path and query may be secrets."""
    try:
        found = httpx.URL(url)
    except httpx.InvalidURL:
        return "?"
    return f"{found.host}:{found.port}" if found.port else found.host or "?"


def _client(question: Ask) -> httpx.AsyncClient:
    return httpx.AsyncClient(
        proxy=question.proxy,
        verify=certificates(),
        trust_env=False,
        follow_redirects=False,
        # Connecting ends a little before the whole: cancelling a TLS handshake leaks its socket.
        timeout=httpx.Timeout(question.seconds, connect=0.9 * question.seconds),
    )


async def _exchange(client: httpx.AsyncClient, question: Ask) -> Heard:
    given = question.content
    body_as = {"content": given} if isinstance(given, bytes) else {"json": given}
    async with client.stream(
        question.method, question.url, headers=question.headers, **body_as
    ) as response:
        body = bytearray()
        async for chunk in response.aiter_bytes():
            body += chunk
            if len(body) > LARGEST:
                break
        return Heard(
            status=response.status_code,
            date=_date(response.headers.get("date")),
            retry_after=_seconds(response.headers.get("retry-after")),
            body=bytes(body[:LARGEST]),
        )


@contextmanager
def _named(where: str, seconds: float) -> Iterator[None]:
    """Causes are dropped: the text of some of them repeats the URL."""
    try:
        yield
    except (TimeoutError, httpx.TimeoutException):
        raise Unreadable(phrase("http_timeout", where=where, seconds=seconds)) from None
    except httpx.ProxyError:
        raise Unreadable(phrase("doctor_proxy_refused", where=where)) from None
    except httpx.ConnectError as error:
        raise Unreadable(phrase(connect_trouble(error), where=where)) from None
    except (httpx.UnsupportedProtocol, httpx.InvalidURL):
        raise Unreadable(phrase("http_bad_address", where=where)) from None
    except (httpx.LocalProtocolError, UnicodeEncodeError):
        raise Unreadable(phrase("http_bad_header", where=where)) from None
    except httpx.DecodingError:
        raise Unreadable(phrase("http_undecodable", where=where)) from None
    except (httpx.HTTPError, OSError):
        raise Unreadable(phrase("http_broken_off", where=where)) from None
    except (ValueError, ImportError):  # an unknown scheme, or one whose library is not here
        raise Unreadable(phrase("doctor_proxy_unusable")) from None


def _date(value: str | None) -> datetime | None:
    try:
        return parsedate_to_datetime(value).astimezone(UTC) if value else None
    except (ValueError, TypeError):
        return None


def _seconds(value: str | None) -> int | None:
    return int(value) if value and value.isascii() and value.isdigit() else None
