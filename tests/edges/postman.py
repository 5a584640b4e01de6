"""A real SMTP server on this machine that keeps what it is sent."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session


@dataclass
class Postman:
    letters: list[str] = field(default_factory=list)
    logins: list[tuple[str, str]] = field(default_factory=list)
    refuses: bool = False
    answers: dict[str, str] = field(default_factory=dict)  # to AUTH, RCPT and DATA, if not yes
    hangs_up: bool = False
    goodbye: str = "221 bye"
    port: int = 0

    def log_in(
        self, _server: SMTP, _session: Session, _envelope: Envelope, _how: str, data: LoginPassword
    ) -> AuthResult:
        """Let everybody in, and remember who it was."""
        self.logins.append((data.login.decode(), data.password.decode()))
        if "AUTH" in self.answers:
            return AuthResult(success=False, handled=False, message=self.answers["AUTH"])
        return AuthResult(success=True)

    async def handle_MAIL(  # noqa: N802  # as aiosmtpd calls it
        self,
        _server: SMTP,
        _session: Session,
        envelope: Envelope,
        address: str,
        _options: list[str],
    ) -> str:
        if self.refuses:
            return "451 later"
        envelope.mail_from = address
        return "250 fine"

    async def handle_RCPT(  # noqa: N802  # likewise
        self,
        _server: SMTP,
        _session: Session,
        envelope: Envelope,
        address: str,
        _options: list[str],
    ) -> str:
        if "RCPT" in self.answers:
            return self.answers["RCPT"]
        envelope.rcpt_tos.append(address)
        return "250 fine"

    async def handle_DATA(  # noqa: N802  # likewise
        self, server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        if "DATA" in self.answers:
            return self.answers["DATA"]
        assert isinstance(envelope.content, bytes)
        self.letters.append(envelope.content.decode("ascii"))  # mail for any server: seven bits
        if self.hangs_up and isinstance(server.transport, asyncio.Transport):
            server.transport.abort()
        return "250 kept"

    async def handle_QUIT(  # noqa: N802  # likewise
        self, _server: SMTP, _session: Session, _envelope: Envelope
    ) -> str:
        return self.goodbye


@asynccontextmanager
async def posted(
    tls: ssl.SSLContext | None = None, host: str = "127.0.0.1"
) -> AsyncIterator[Postman]:
    """Open the post office; with `tls` it offers STARTTLS, and takes passwords only then."""
    postman = Postman()

    def protocol() -> SMTP:
        return SMTP(
            postman,
            hostname="post.example",
            tls_context=tls,
            authenticator=postman.log_in,
            auth_require_tls=tls is not None,
        )

    server = await asyncio.get_running_loop().create_server(protocol, host, 0)
    postman.port = server.sockets[0].getsockname()[1]
    async with server:
        yield postman
