"""The address of the assistant's own HTTP API: that it is free, or that the assistant has it."""

import asyncio
import errno
import socket
from collections.abc import Sequence
from typing import Final

from bot.core.model import phrase
from bot.doctor import Case, Result, fine, ill, skipped
from bot.doctor.state_database import is_running
from bot.settings_web import Address

NUMBER: Final = 95
WHAT: Final = phrase("doctor_listen")


async def examine(case: Case) -> Sequence[Result]:
    address = case.settings.http_listen
    if address is None:
        return [skipped(WHAT, phrase("doctor_unset", name="HTTP_LISTEN"))]
    running = await is_running(case.settings.state_path)
    trouble = await asyncio.to_thread(_try, address)
    return [judge(str(address), trouble, running=running)]


def judge(address: str, trouble: int | None, *, running: bool) -> Result:
    if trouble is None:
        return fine(WHAT, phrase("doctor_listen_free", address=address))
    if trouble == errno.EADDRINUSE and running:
        return fine(WHAT, phrase("doctor_listen_ours", address=address))
    if trouble == errno.EADDRINUSE:
        return ill(
            WHAT, phrase("doctor_listen_used", address=address), phrase("doctor_mend_listen")
        )
    seen = phrase("doctor_listen_refused", address=address, code=errno.errorcode.get(trouble, ""))
    return ill(WHAT, seen, phrase("doctor_mend_listen"))


def _try(address: Address) -> int | None:
    """Take it for a moment; return the error's number where that does not go."""
    family = socket.AF_INET6 if ":" in address.host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as one:
        # As servers do: connections of before that are still closing do not count.
        one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            one.bind((address.host, address.port))
            one.listen(1)
        except OSError as error:
            return error.errno or 0
    return None
