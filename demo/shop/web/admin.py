"""The endpoints that need `ADMIN_TOKEN`: remediation, reconciliation, and the demo's fault."""

import asyncio
import secrets
from collections.abc import Callable, Mapping
from datetime import date

from aiohttp import web
from aiohttp.typedefs import Handler

from demo.shop.clock import stamp
from demo.shop.database import writing
from demo.shop.scheduler import jobs, runs
from demo.shop.web.context import CONTEXT, DATABASE_ERRORS, Context, days, number

routes = web.RouteTableDef()

_OUTLIERS = """
SELECT * FROM vw_commission_recon
WHERE d >= :first AND d < :after AND flag_outlier = 1
ORDER BY ABS(delta_pct) DESC LIMIT 500
"""
_NOTE = (
    "INSERT INTO ops_remediation_history (triggered_at, action_name, status, details, retry_count)"
    " VALUES (?, ?, 'success', ?, 0)"
)


@web.middleware
async def bearer(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Let only the holder of the admin token pass: 401 without a token, 403 with a wrong one."""
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    if kind.lower() != "bearer" or not token:
        raise web.HTTPUnauthorized(headers={"WWW-Authenticate": "Bearer"})
    expected = request.app[CONTEXT].settings.admin_token
    if not expected or not secrets.compare_digest(token.encode(), expected.encode()):
        raise web.HTTPForbidden
    return await handler(request)


@routes.post("/api/v1/ops/remediate")
async def remediate(request: web.Request) -> web.Response:
    context = request.app[CONTEXT]
    if not context.settings.auto_remediation:
        raise web.HTTPBadRequest(text="Auto-remediation is disabled")
    source = request.query.get("alert_source", "")
    if source != "check_api_latency_p95":
        raise web.HTTPNotFound(text=f"No remediation action for alert source: {source}")
    details = f"Cleared {context.cache.clear()} cache entries"
    await asyncio.to_thread(_write_down, context, details)
    return web.json_response(
        {
            "status": "success",
            "action_name": "remediate_clear_cache",
            "details": details,
            "retry_count": 0,
        }
    )


def _write_down(context: Context, details: str) -> None:
    """Keep a record where the file allows it; the cache is cleared all the same."""
    try:
        with writing(context.settings.database, patience=1.0) as connection:
            connection.execute(_NOTE, (stamp(context.clock()), "remediate_clear_cache", details))
    except DATABASE_ERRORS as error:
        context.metrics.errors.labels(type(error).__name__, "ops").inc()


@routes.post("/api/v1/finance/reconcile")
async def reconcile(request: web.Request) -> web.Response:
    context = request.app[CONTEXT]
    outliers = await context.rows(_OUTLIERS, **days(request, context, usual=7))
    return web.json_response(
        {"status": "success", "outliers_found": len(outliers), "outliers": outliers}
    )


@routes.post("/api/v1/jobs/collect")
async def collect(request: web.Request) -> web.Response:
    """Collect one day now, as the collector does it at night."""
    context = request.app[CONTEXT]
    try:
        day = date.fromisoformat(request.query["date"])
    except (KeyError, ValueError) as error:
        raise web.HTTPBadRequest(text="date must be YYYY-MM-DD") from error
    return await _perform(
        context, "collect_yesterday_data", lambda: jobs.collect_day(context.settings, day)
    )


@routes.post("/api/v1/jobs/recalc")
async def recalc(request: web.Request) -> web.Response:
    context = request.app[CONTEXT]
    span = number(request, "days", usual=7, most=90)
    now = context.clock()
    return await _perform(
        context, "recalc_recent_metrics", lambda: jobs.recalc_days(context.settings, now, span)
    )


async def _perform(
    context: Context, job: str, work: Callable[[], Mapping[str, object]]
) -> web.Response:
    """Run a job and write it down, as the scheduler does."""

    def run() -> tuple[Mapping[str, object], str | None]:
        number = runs.begin(context.settings.database, job, context.clock())
        try:
            details, error = work(), None
        except jobs.JobFailed as failure:
            details, error = failure.details, str(failure)
        runs.finish(context.settings.database, number, context.clock(), details, error)
        return details, error

    details, error = await asyncio.to_thread(run)
    if error:
        return web.json_response({"status": "failed", "error": error, **details})
    return web.json_response({"status": "success", **details})


@routes.get("/demo/faults/bloated-cache")
async def see_fault(request: web.Request) -> web.Response:
    return web.json_response({"on": request.app[CONTEXT].cache.bloated})


@routes.post("/demo/faults/bloated-cache")
async def set_fault(request: web.Request) -> web.Response:
    cache = request.app[CONTEXT].cache
    if (await request.json())["on"]:
        cache.poison()
    else:
        cache.unpoison()
    return web.json_response({"on": cache.bloated})
