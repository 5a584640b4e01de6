"""The second way out: an alert that no chat could show is posted and mailed elsewhere."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from email.message import EmailMessage
from typing import Protocol
from urllib.parse import urlsplit

from bot.core.model import Source
from bot.edges.http import Call, Limits, NoReply, Remote
from bot.edges.smtp import MailError, Smtp, written
from bot.edges.templates import Templates

SUCCESS = range(200, 300)
LIMITS = Limits(seconds=10.0, size=100_000)


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
    """One mail for all that is new."""

    smtp_url: str
    to: str
    templates: Templates
    name: str = "email"

    def __post_init__(self) -> None:
        self._smtp = Smtp(url=self.smtp_url)

    async def send(self, alerts: Sequence[Undelivered]) -> Sequence[Undelivered]:
        try:
            await self._smtp.send(self.letter(alerts))
        except MailError as error:
            raise FallbackError(str(error)) from None
        return alerts

    async def aclose(self) -> None:
        await self._smtp.aclose()

    def letter(self, alerts: Sequence[Undelivered]) -> EmailMessage:
        text = self.templates.render("undelivered.txt.j2", alerts=alerts)
        return written(text, sender=self._smtp.sender(self.to), to=self.to)
