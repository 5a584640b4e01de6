"""Host names: what this machine's resolver says, and a second one where it fails."""

import asyncio
import contextlib
import ipaddress
import socket
from concurrent.futures import ThreadPoolExecutor
from typing import Final

THREADS: Final = 4


class Resolver:
    """Asks in threads of its own.

    A resolver that hangs would else hold the default executor's few threads, and with them
    every other name: Telegram's too. Close it when done.
    """

    def __init__(self, second: str = "") -> None:
        """`second` is the IP address of another resolver, empty for none; `ip:port` in tests."""
        self._second = second
        self._threads = ThreadPoolExecutor(max_workers=THREADS, thread_name_prefix="dns")

    def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def addresses(self, host: str, port: int, seconds: float) -> list[str]:
        """Raise `OSError` where the name is not known, `TimeoutError` where nobody answers."""
        loop = asyncio.get_running_loop()
        found = loop.run_in_executor(self._threads, _look_up, host, port)
        return await asyncio.wait_for(found, seconds)

    async def second_knows(self, host: str, seconds: float) -> bool | None:
        """What the other resolver says; None where there is none, or it does not answer."""
        if not self._second or is_address(host):
            return None
        # Few have a second resolver, and nobody else pays for the import.
        import dns.asyncquery  # noqa: PLC0415  # see above
        import dns.exception  # noqa: PLC0415  # likewise
        import dns.message  # noqa: PLC0415  # likewise
        import dns.rcode  # noqa: PLC0415  # likewise

        where, port = _split(self._second)
        with contextlib.suppress(dns.exception.DNSException, OSError, TimeoutError, ValueError):
            question = dns.message.make_query(host, "A")
            answer = await dns.asyncquery.udp(question, where, timeout=seconds, port=port)
            return answer.rcode() == dns.rcode.NOERROR and bool(answer.answer)
        return None


def _look_up(host: str, port: int) -> list[str]:
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(one[4][0]) for one in found))


def is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _split(server: str) -> tuple[str, int]:
    """Read `ip` or `ip:port`; an IPv6 address stands without a port."""
    where, colon, port = server.partition(":")
    return (where, int(port)) if colon and port.isdigit() and is_address(where) else (server, 53)
