"""Mail: one conversation with a server for each letter. smtplib blocks: it has a thread."""

import asyncio
import smtplib
import ssl
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from dataclasses import dataclass, field
from email.message import EmailMessage
from urllib.parse import unquote, urlsplit

SECONDS = 15.0  # for each step of the conversation
STEPS = 8  # of the slowest ones together; less than what an action is given for a letter
SUBMISSION, OVER_TLS = 587, 465
HERE = frozenset({"localhost", "127.0.0.1", "::1"})  # what goes there goes over no network


class MailError(Exception):
    """The server did not take it; the text names the trouble and never the address of the server.

    `unsure`: the conversation broke off over the letter, so it may have taken it all the same.
    `code`: the server's own number, such as 550; its words are left out, they repeat what it got.
    """

    def __init__(self, trouble: str, *, unsure: bool = False, code: int | None = None) -> None:
        super().__init__(trouble)
        self.unsure = unsure
        self.code = code


class NoEncryptionError(smtplib.SMTPException):
    """The server offers none, or somebody on the way has taken the offer out."""


@dataclass(kw_only=True)
class Smtp:
    url: str  # smtp://user:password@host:port, smtps:// for TLS from the start
    seconds: float = SECONDS
    _thread: ThreadPoolExecutor = field(init=False)

    def __post_init__(self) -> None:
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="mail")

    def sender(self, otherwise: str) -> str:
        """Whom it is from: the account, where that is an address."""
        account = unquote(urlsplit(self.url).username or "")
        return account if "@" in account else otherwise

    async def send(self, letter: EmailMessage) -> None:
        """Return when the server has taken it."""
        try:
            async with asyncio.timeout(STEPS * self.seconds) as whole:
                await asyncio.get_running_loop().run_in_executor(self._thread, self._send, letter)
        except (smtplib.SMTPException, OSError, ValueError) as error:
            # The thread may be at it still: it is not known how that ends.
            raise MailError(
                type(error).__name__, unsure=whole.expired(), code=_code(error)
            ) from None

    async def aclose(self) -> None:
        self._thread.shutdown(wait=False, cancel_futures=True)

    def _send(self, letter: EmailMessage) -> None:
        url = urlsplit(self.url)
        host = url.hostname or "localhost"
        with closing(self._connect(host, url.port, url.scheme)) as to:
            to.ehlo()
            if url.scheme == "smtp" and to.has_extn("starttls"):
                to.starttls(context=ssl.create_default_context())
                to.ehlo()
            elif url.scheme == "smtp" and url.username and host not in HERE:
                raise NoEncryptionError
            if url.username:
                to.login(unquote(url.username), unquote(url.password or ""))
            try:
                to.send_message(letter)
            except (smtplib.SMTPServerDisconnected, TimeoutError) as error:
                raise MailError(type(error).__name__, unsure=True) from None
            with suppress(smtplib.SMTPException):  # it has the letter, whatever it says to that
                to.quit()

    def _connect(self, host: str, port: int | None, scheme: str) -> smtplib.SMTP:
        if scheme == "smtps":
            context = ssl.create_default_context()
            return smtplib.SMTP_SSL(host, port or OVER_TLS, timeout=self.seconds, context=context)
        return smtplib.SMTP(host, port or SUBMISSION, timeout=self.seconds)


def _code(error: Exception) -> int | None:
    match error:
        case smtplib.SMTPResponseException():
            return int(error.smtp_code)
        case smtplib.SMTPRecipientsRefused():
            return next((int(code) for code, _ in error.recipients.values()), None)
        case _:
            return None


def written(text: str, *, sender: str, to: str) -> EmailMessage:
    """A letter of a text whose first line is the subject; nothing in it can add a header."""
    subject, _, body = text.partition("\n")
    letter = EmailMessage()
    letter["Subject"] = " ".join(subject.split())
    letter["From"] = sender
    letter["To"] = to
    # Seven bits: a server that knows no others would spoil signs such as a thin space.
    letter.set_content(body.strip(), cte="quoted-printable")
    return letter
