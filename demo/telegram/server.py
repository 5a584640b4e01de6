"""The emulator as one server on 127.0.0.1."""

import asyncio
import socket
import time
from collections.abc import Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Self

import aiohttp
from aiohttp import web

from demo.telegram.bot_api import BotApi
from demo.telegram.control import Control
from demo.telegram.files import UPLOAD_BYTES
from demo.telegram.panel import Panel
from demo.telegram.state import State
from demo.telegram.webhook import deliver_forever
from demo.telegram.world import World, demo_world

HOST = "127.0.0.1"
PAGE = Path(__file__).parent / "page"
POLICY = "default-src 'self'; img-src 'self' data:; base-uri 'none'; frame-ancestors 'self'"
FORM_OVERHEAD = 64 * 1024


class Emulator:
    """`async with Emulator() as emulator:` serves at `emulator.url` until the block ends."""

    def __init__(
        self,
        world: World | None = None,
        *,
        port: int = 0,
        panel_url: str = "",
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.state = State(world or demo_world(), clock)
        self.url = ""
        self._port = port
        self._panel_url = panel_url
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Self:
        # bound before anything else starts: a port in use must surface as the plain OSError
        sock = socket.create_server((HOST, self._port))
        async with AsyncExitStack() as stack:
            session = await stack.enter_async_context(
                aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar())
            )
            tasks = await stack.enter_async_context(asyncio.TaskGroup())
            deliverer = tasks.create_task(deliver_forever(self.state, session))
            stack.callback(deliverer.cancel)
            runner = web.AppRunner(self._app(session), access_log=None, shutdown_timeout=1)
            await runner.setup()
            stack.push_async_callback(runner.cleanup)
            await web.SockSite(runner, sock).start()
            self.url = f"http://{HOST}:{sock.getsockname()[1]}"
            self._stack = stack.pop_all()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._stack.aclose()

    def _app(self, session: aiohttp.ClientSession) -> web.Application:
        app = web.Application(client_max_size=UPLOAD_BYTES + FORM_OVERHEAD)
        control = Control(self.state)
        app.add_routes(BotApi(self.state).routes())
        app.add_routes(control.routes())
        app.add_routes(Panel(self._panel_url, session).routes())
        app.router.add_get("/", _index)
        app.router.add_static("/page/", PAGE)
        app.on_shutdown.append(control.close)
        return app


async def _index(request: web.Request) -> web.FileResponse:
    del request
    headers = {"Cache-Control": "no-cache", "Content-Security-Policy": POLICY}
    return web.FileResponse(PAGE / "index.html", headers=headers)
