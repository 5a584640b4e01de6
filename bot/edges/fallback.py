"""The second way out: an alert that no chat could show is posted and mailed elsewhere."""

import asyncio
import json
import smtplib
import ssl
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from datetime import datetime
from email.message import EmailMessage
from typing import Protocol
from urllib.parse import unquote, urlsplit

from bot.core.model import Source
from bot.edges.http import Call, Limits, NoReply, Remote
from bot.edges.templates import Templates

SUCCESS = range(200, 300)
LIMITS = Limits(seconds=10.0, size=100_000)
SMTP_SECONDS = 15.0  # for each step of the conversation
SUBMISSION, OVER_TLS = 587, 465


class FallbackError(Exception):
    """Nobody took it; the text names the trouble and never the address, which may be secret."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Undelivered:
    """What is said of an alert elsewhere. Times in UTC."""

    alert_id: int
    check: str
    subject: str
    severity: str
    headline: str
    opened_at: datetime
    reason: str

    def json(self) -> str:
        values = {**asdict(self), "opened_at": self.opened_at.isoformat()}
        return json.dumps(values, ensure_ascii=False)


class WayOut(Protocol):
    """`name` keeps apart what was told where."""

    @property
    def name(self) -> str: ...

    async def send(self, alerts: Sequence[Undelivered]) -> Sequence[Undelivered]:
        """Return what was taken. Raises `FallbackError` where nothing was."""
        ...

    async def aclose(self) -> None: ...


@dataclass(kw_only=True)
class Webhook:
    """One JSON POST for each alert; any 2xx is a yes."""

    url: str
    limits: Limits = LIMITS
    name: str = "url"

    def __post_init__(self) -> None:
        self._remote = Remote(self.url, Source.CHECK)
        query = urlsplit(self.url).query
        self._path = f"?{query}" if query else ""

    async def send(self, alerts: Sequence[Undelivered]) -> Sequence[Undelivered]:
        taken: list[Undelivered] = []
        try:
            for alert in alerts:
                await self._remote.fetch(self._call(alert))
                taken.append(alert)
        except NoReply as error:
            if not taken:
                status = error.why.values.get("status", "")
                raise FallbackError(f"{error.why.key} {status}".strip()) from None
        return taken

    async def aclose(self) -> None:
        await self._remote.aclose()

    def _call(self, alert: Undelivered) -> Call:
        return Call(
            path=self._path,
            method="POST",
            headers={"Content-Type": "application/json"},
            content=alert.json().encode(),
            accept=SUCCESS,
            limits=self.limits,
        )


@dataclass(kw_only=True)
class Mail:
    """One mail for all that is new. smtplib blocks, so it has a thread of its own."""

    smtp_url: str  # smtp://user:password@host:port, smtps:// for TLS from the start
    to: str
    templates: Templates
    seconds: float = SMTP_SECONDS
    name: str = "email"
    _thread: ThreadPoolExecutor = field(init=False)

    def __post_init__(self) -> None:
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="mail")

    async def send(self, alerts: Sequence[Undelivered]) -> Sequence[Undelivered]:
        letter = self.letter(alerts)
        try:
            await asyncio.get_running_loop().run_in_executor(self._thread, self._send, letter)
        except (smtplib.SMTPException, OSError, ValueError) as error:
            raise FallbackError(type(error).__name__) from None
        return alerts

    async def aclose(self) -> None:
        self._thread.shutdown(wait=False, cancel_futures=True)

    def letter(self, alerts: Sequence[Undelivered]) -> EmailMessage:
        text = self.templates.render("undelivered.txt.j2", alerts=alerts)
        subject, _, body = text.partition("\n")
        letter = EmailMessage()
        letter["Subject"] = " ".join(subject.split())
        letter["From"] = unquote(urlsplit(self.smtp_url).username or "") or self.to
        if "@" not in letter["From"]:
            del letter["From"]
            letter["From"] = self.to
        letter["To"] = self.to
        letter.set_content(body.strip())
        return letter

    def _send(self, letter: EmailMessage) -> None:
        url = urlsplit(self.smtp_url)
        with self._connect(url.hostname or "localhost", url.port, tls=url.scheme == "smtps") as to:
            if url.scheme == "smtp" and to.has_extn("starttls"):
                to.starttls(context=ssl.create_default_context())
                to.ehlo()
            if url.username:
                to.login(unquote(url.username), unquote(url.password or ""))
            to.send_message(letter)

    def _connect(self, host: str, port: int | None, *, tls: bool) -> smtplib.SMTP:
        if tls:
            context = ssl.create_default_context()
            return smtplib.SMTP_SSL(host, port or OVER_TLS, timeout=self.seconds, context=context)
        server = smtplib.SMTP(host, port or SUBMISSION, timeout=self.seconds)
        server.ehlo()
        return server
