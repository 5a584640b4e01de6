"""Puts the web API together."""

import time

from aiohttp import web
from aiohttp.typedefs import Handler

from demo.shop.web import admin, business, ops, vitals
from demo.shop.web.context import CONTEXT, DATABASE_ERRORS, Context

_GUARDED = ("/api/v1/ops/remediate", "/api/v1/finance/reconcile", "/api/v1/jobs/", "/demo/")
_UNMEASURED = ("/metrics", "/demo/")


def build(context: Context) -> web.Application:
    app = web.Application(middlewares=[_measure, _guard, _database_down])
    app[CONTEXT] = context
    for module in (vitals, business, ops, admin):
        app.add_routes(module.routes)
    return app


@web.middleware
async def _guard(request: web.Request, handler: Handler) -> web.StreamResponse:
    if request.path.startswith(_GUARDED):
        return await admin.bearer(request, handler)
    return await handler(request)


@web.middleware
async def _database_down(request: web.Request, handler: Handler) -> web.StreamResponse:
    try:
        return await handler(request)
    except DATABASE_ERRORS as error:
        request.app[CONTEXT].metrics.errors.labels(type(error).__name__, "database").inc()
        return web.json_response({"detail": str(error)}, status=503)


@web.middleware
async def _measure(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Measure by route, not by path: a crawler must not make a series of each address."""
    if request.path.startswith(_UNMEASURED):
        return await handler(request)
    started, status = time.perf_counter(), 500
    try:
        response = await handler(request)
        status = response.status
    except web.HTTPException as refusal:
        status = refusal.status
        raise
    else:
        return response
    finally:
        resource = request.match_info.route.resource
        endpoint = resource.canonical if resource else "unknown"
        metrics = request.app[CONTEXT].metrics
        seconds = time.perf_counter() - started
        metrics.duration.labels(request.method, endpoint).observe(seconds)
        metrics.requests.labels(request.method, endpoint, str(status)).inc()
