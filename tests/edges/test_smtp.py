"""Mail over a real server: encrypted where it offers that, and never a password in the clear."""

import asyncio
import shutil
import ssl
import subprocess
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

import pytest

from bot.edges.smtp import MailError, Smtp, written
from tests.edges.postman import Postman, posted

LETTER = written(
    "Cash \u221215\u202f000 ₽\n\n12\u00a0\u20bd: .\n.\n..a line that begins with dots\nFrom here",
    sender="bot@shop.example",
    to="finance@shop.example",
)


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A certificate of our own for 127.0.0.1, and its key."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("openssl is not installed")
    folder = tmp_path_factory.mktemp("tls")
    made = folder / "cert.pem", folder / "key.pem"
    command = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2"
    names = ["-subj", "/CN=post.example", "-addext", "subjectAltName=IP:127.0.0.1"]
    files = ["-out", str(made[0]), "-keyout", str(made[1])]
    subprocess.run([openssl, *command.split(), *names, *files], check=True, capture_output=True)
    return made


@pytest.fixture
async def guarded(certificate: tuple[Path, Path]) -> AsyncIterator[Postman]:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(*certificate)
    async with posted(context) as postman:
        yield postman


def smtp(postman: Postman) -> Smtp:
    return Smtp(url=f"smtp://bot%40shop.example:p%40ss@127.0.0.1:{postman.port}", seconds=5)


async def test_a_letter_arrives_as_it_was_written(postman: Postman) -> None:
    way = smtp(postman)
    await way.send(LETTER)
    await way.aclose()
    [letter] = postman.letters
    assert "Content-Transfer-Encoding: quoted-printable" in letter
    assert "\r\n.\r\n..a line" in letter


async def test_where_the_server_offers_it_the_password_goes_encrypted(
    guarded: Postman, certificate: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate[0]))
    way = smtp(guarded)
    await way.send(LETTER)
    await way.aclose()
    assert guarded.logins == [("bot@shop.example", "p@ss")]
    assert len(guarded.letters) == 1


async def test_a_server_that_cannot_prove_who_it_is_gets_neither_password_nor_letter(
    guarded: Postman,
) -> None:
    way = smtp(guarded)
    with pytest.raises(MailError, match="SSLCertVerificationError") as failed:
        await way.send(LETTER)
    await way.aclose()
    assert not failed.value.unsure
    assert guarded.logins == []
    assert guarded.letters == []


ELSEWHERE = "127.0.0.2"  # a name that is not this machine's own


@pytest.mark.parametrize("account", ["bot:secret@", ""], ids=["a password", "none"])
async def test_without_encryption_no_password_goes_over_a_network(account: str) -> None:
    async with posted(host=ELSEWHERE) as stripped:
        way = Smtp(url=f"smtp://{account}{ELSEWHERE}:{stripped.port}", seconds=5)
        if account:
            with pytest.raises(MailError, match="NoEncryptionError") as failed:
                await way.send(LETTER)
            assert not failed.value.unsure
        else:
            await way.send(LETTER)
        await way.aclose()
    assert stripped.logins == []
    assert len(stripped.letters) == (0 if account else 1)


async def test_a_conversation_that_breaks_off_after_the_letter_is_unsure(postman: Postman) -> None:
    postman.hangs_up = True
    way = smtp(postman)
    with pytest.raises(MailError) as failed:
        await way.send(LETTER)
    await way.aclose()
    assert failed.value.unsure


async def test_a_server_that_never_greets_has_no_letter() -> None:
    async def say_nothing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()
        await writer.wait_closed()

    silent = await asyncio.start_server(say_nothing, "127.0.0.1", 0)
    port = silent.sockets[0].getsockname()[1]
    async with silent:
        way = Smtp(url=f"smtp://127.0.0.1:{port}", seconds=0.2)
        with pytest.raises(MailError) as failed:
            await way.send(LETTER)
        await way.aclose()
    assert not failed.value.unsure, "people would look for a letter that cannot be anywhere"


async def test_a_letter_that_was_taken_is_sent_whatever_the_server_says_at_the_end(
    postman: Postman,
) -> None:
    postman.goodbye = "421 too busy to say goodbye"
    way = smtp(postman)
    await way.send(LETTER)
    await way.aclose()
    assert len(postman.letters) == 1


async def test_a_server_that_answers_for_ever_is_given_up_on() -> None:
    """Each sign comes in time, the line never ends; what the thread makes of it is not known."""
    over = asyncio.Event()

    async def drip(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while not over.is_set():
            writer.write(b"2")
            with suppress(TimeoutError):
                async with asyncio.timeout(0.02):
                    await over.wait()
        writer.close()

    slow = await asyncio.start_server(drip, "127.0.0.1", 0)
    async with slow:
        way = Smtp(url=f"smtp://127.0.0.1:{slow.sockets[0].getsockname()[1]}", seconds=0.05)
        with pytest.raises(MailError, match="TimeoutError") as failed:
            await way.send(LETTER)
        over.set()
        await way.aclose()
    assert failed.value.unsure
