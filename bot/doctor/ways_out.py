"""The other ways out, where Telegram cannot be reached: mail, the fallback, the heartbeat.

They are looked at and not used: a mail or a heartbeat that nobody meant would be a lie.
"""

import asyncio
from collections.abc import Sequence
from typing import Final
from urllib.parse import urlsplit

from pydantic import SecretStr

from bot.core.model import phrase
from bot.doctor import Case, Result, fine, ill, skipped, uneasy
from bot.edges.smtp import HERE, OVER_TLS, SUBMISSION

NUMBER: Final = 145
MAIL: Final = phrase("doctor_mail")
PORTS: Final = {"smtp": SUBMISSION, "smtps": OVER_TLS}


async def examine(case: Case) -> Sequence[Result]:
    of = case.settings
    return [
        await _mail(of.smtp_url, case.seconds),
        judge("FALLBACK_URL", of.fallback_url),
        judge("HEARTBEAT_URL", of.heartbeat_url),
    ]


async def _mail(secret: SecretStr | None, seconds: float) -> Result:
    if secret is None:
        return skipped(MAIL, phrase("doctor_unset", name="SMTP_URL"))
    try:
        url = urlsplit(secret.get_secret_value())
        host, port = url.hostname or "localhost", url.port or PORTS[url.scheme]
    except ValueError:
        return ill(
            MAIL, phrase("doctor_way_malformed"), phrase("doctor_mend_way", name="SMTP_URL")
        )
    where = f"{host}:{port}"
    try:
        async with asyncio.timeout(seconds):
            _, writer = await asyncio.open_connection(host, port)
            writer.close()
            await writer.wait_closed()
    except (OSError, TimeoutError):
        return ill(MAIL, phrase("doctor_mail_silent", where=where), phrase("doctor_mend_mail"))
    return fine(MAIL, phrase("doctor_mail_fine", where=where))


def judge(name: str, secret: SecretStr | None) -> Result:
    """Show its host only: the rest of such an address is a secret."""
    what = phrase("doctor_way", name=name)
    if secret is None:
        return skipped(what, phrase("doctor_unset", name=name))
    try:
        url = urlsplit(secret.get_secret_value())
        host, _ = url.hostname, url.port
    except ValueError:
        host = None
    if not host:
        return ill(what, phrase("doctor_way_malformed"), phrase("doctor_mend_way", name=name))
    if url.scheme == "http" and host not in HERE:
        open_ = phrase("doctor_way_open", host=host)
        return uneasy(what, open_, phrase("doctor_mend_way_open", name=name))
    return fine(what, phrase("doctor_way_fine", host=host))
