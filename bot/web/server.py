"""The socket: opened at the start or not at all, closed at the end, full when it is full."""

import asyncio
import logging
import os
import socket
from collections.abc import Sequence
from contextlib import suppress

from aiohttp import web

from bot.settings_web import Address
from bot.web.context import Context
from bot.web.endpoint import AnyEndpoint
from bot.web.serving import Serving

log = logging.getLogger(__name__)

MOST_CONNECTIONS = 1024
IDLE_SECONDS = 30.0  # a connection without a whole request for so long is closed
CLOSING_SECONDS = 5.0
LINGERING_SECONDS = 2.0  # a refused body is still read for so long, else the answer gets lost
BACKLOG = 128
# What it says of malformed requests is for whoever sent them, and would fill the log.
_quiet = logging.getLogger("bot.web.malformed")
_quiet.setLevel(logging.CRITICAL + 1)


class ListenError(RuntimeError):
    """The address cannot be listened on: in use, or not this machine's."""


class Full(asyncio.Protocol):
    """A connection too many."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        transport.close()


class WebServer:
    """`start`, then `aclose`. `hidden` routes are served and not documented."""

    def __init__(
        self,
        context: Context,
        endpoints: Sequence[AnyEndpoint],
        hidden: Sequence[web.AbstractRouteDef] = (),
    ) -> None:
        serving = Serving(context=context, endpoints=endpoints)
        app = web.Application(middlewares=[serving.guard])
        app.add_routes([*serving.routes(), *hidden])
        self._runner = web.AppRunner(
            app,
            access_log=None,
            logger=_quiet,
            handler_cancellation=False,
            auto_decompress=False,
            keepalive_timeout=IDLE_SECONDS,
            lingering_time=LINGERING_SECONDS,
            max_headers=64,
            shutdown_timeout=CLOSING_SECONDS,
        )
        self._listener: asyncio.Server | None = None
        self.address = Address("", 0)

    async def start(self, listening: socket.socket) -> None:
        await self._runner.setup()
        server = self._runner.server
        assert server is not None  # noqa: S101  # `setup` made it

        def connect() -> asyncio.Protocol:
            full = len(server.connections) >= MOST_CONNECTIONS
            return Full() if full else server()

        loop = asyncio.get_running_loop()
        self._listener = await loop.create_server(connect, sock=listening, backlog=BACKLOG)
        host, port = listening.getsockname()[:2]
        self.address = Address(host, port)
        log.info("HTTP API listens", extra={"address": str(self.address)})

    async def aclose(self) -> None:
        """Take nothing more, and let what is under way end."""
        if self._listener is not None:
            self._listener.close()
        with suppress(TimeoutError):
            await self._runner.cleanup()


def listen(address: Address) -> socket.socket:
    """Take the address before anything else is begun, or raise `ListenError`."""
    family = socket.AF_INET6 if ":" in address.host else socket.AF_INET
    try:
        return socket.create_server((address.host, address.port), family=family, backlog=BACKLOG)
    except OSError as error:
        raise ListenError(_reason(error)) from error


def _reason(error: OSError) -> str:
    """In the system's words; empty: there is no such host, whose numbers are below zero."""
    if error.errno is not None and error.errno < 0:
        return ""
    return os.strerror(error.errno) if error.errno else str(error)
