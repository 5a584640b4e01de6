"""The least that takes alerts over HTTP: what the assistant is compared with.

It reads the body as JSON and answers as the assistant does; it keeps nothing.
"""

import asyncio
import json

from aiohttp import web

from benchmarks._sender import PATHS
from demo.ports import HOST


async def take(request: web.Request) -> web.Response:
    json.loads(await request.read())
    return web.json_response({"firing": 1, "resolved": 0})


async def main() -> None:
    app = web.Application()
    app.add_routes([web.post(path, take) for path in PATHS])
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, HOST, 0)
    await site.start()
    print(f"listening on http://{HOST}:{runner.addresses[0][1]}", flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main())
