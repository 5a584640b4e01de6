"""Whether the process is well, and its metrics."""

import psutil
from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from demo.shop.web.context import CONTEXT, DATABASE_ERRORS

routes = web.RouteTableDef()
FULL = 95.0  # per cent of disk or memory in use


@routes.get("/health")
async def health(_request: web.Request) -> web.Response:
    return web.json_response({"status": "healthy"})


@routes.get("/healthz")
async def healthz(request: web.Request) -> web.Response:
    context = request.app[CONTEXT]
    try:
        await context.rows("SELECT 1 FROM sku LIMIT 1")
        database = "ok"
    except DATABASE_ERRORS as error:
        database = f"{type(error).__name__}: {error}"
    used = psutil.disk_usage(str(context.settings.database.parent)).percent
    memory = psutil.virtual_memory().percent
    checks = {
        "database": database,
        "disk": "ok" if used < FULL else f"{used} % full",
        "memory": "ok" if memory < FULL else f"{memory} % in use",
    }
    well = set(checks.values()) == {"ok"}
    body = {"status": "healthy" if well else "unhealthy", "checks": checks}
    return web.json_response(body, status=200 if well else 503)


@routes.get("/metrics")
async def metrics(request: web.Request) -> web.Response:
    text = generate_latest(request.app[CONTEXT].metrics.registry)
    return web.Response(body=text, headers={"Content-Type": CONTENT_TYPE_LATEST})
