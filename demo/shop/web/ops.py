"""What SoVAni tells about its own operation."""

from datetime import timedelta

from aiohttp import web

from demo.shop.web.context import CONTEXT, number

routes = web.RouteTableDef()

_HEALTH = """
SELECT
    (SELECT COUNT(*) FROM ops_alerts_history WHERE created_at >= :hour) AS alerts_last_hour,
    (SELECT COUNT(*) FROM ops_alerts_history WHERE created_at >= :day AND severity = 'critical')
        AS critical_last_24h,
    (SELECT COUNT(*) FROM ops_remediation_history WHERE triggered_at >= :hour)
        AS remediations_last_hour,
    (SELECT COUNT(*) FROM ops_remediation_history WHERE triggered_at >= :day
        AND status = 'failure') AS remediation_failures_24h
"""
_ALERTS = """
SELECT * FROM ops_alerts_history WHERE :severity IS NULL OR severity = :severity
ORDER BY created_at DESC LIMIT :limit
"""
_INGEST = """
SELECT COUNT(DISTINCT s.d || k.marketplace) AS days FROM daily_sales AS s
JOIN sku AS k ON k.id = s.sku_id WHERE s.d >= :first
"""
_JOBS_OK = """
SELECT COUNT(*) AS total, COALESCE(SUM(status = 'success'), 0) AS good
FROM job_runs WHERE started_at >= :since AND status <> 'running'
"""
_RUNS = """
SELECT * FROM job_runs WHERE :job IS NULL OR job_name = :job ORDER BY started_at DESC LIMIT :limit
"""
_STATS = """
SELECT job_name, COUNT(*) AS total_runs, SUM(status = 'success') AS successful_runs,
    SUM(status = 'failed') AS failed_runs, AVG(duration_seconds) AS avg_duration_seconds,
    MAX(started_at) AS last_run_at
FROM job_runs WHERE job_name = :job GROUP BY job_name
"""


@routes.get("/api/v1/ops/health")
async def health(request: web.Request) -> web.Response:
    context = request.app[CONTEXT]
    hour, day = context.ago(timedelta(hours=1)), context.ago(timedelta(days=1))
    return web.json_response((await context.rows(_HEALTH, hour=hour, day=day))[0])


@routes.get("/api/v1/ops/alerts")
async def alerts(request: web.Request) -> web.Response:
    severity = request.query.get("severity")
    limit = number(request, "limit", usual=100, most=500)
    rows = await request.app[CONTEXT].rows(_ALERTS, severity=severity, limit=limit)
    return web.json_response(rows)


@routes.get("/api/v1/ops/slo/summary")
async def slo_summary(request: web.Request) -> web.Response:
    context = request.app[CONTEXT]
    span = number(request, "days", usual=7, most=90)
    first = context.yesterday - timedelta(days=span - 1)
    found = (await context.rows(_INGEST, first=first.isoformat()))[0]["days"]
    jobs = (await context.rows(_JOBS_OK, since=context.ago(timedelta(days=span))))[0]
    ingest = _slo(found, span * 2, 99.0)
    scheduler = _slo(jobs["good"], jobs["total"], 98.0)
    # SoVAni itself answers a constant here; its real figure is in /metrics.
    latency = {"pass": True, "actual_p95_ms": 850.0, "target_p95_ms": 1200.0}
    return web.json_response(
        {
            "status": "ok",
            "d_from": first.isoformat(),
            "d_to": context.yesterday.isoformat(),
            "days_analyzed": span,
            "ingest": ingest,
            "scheduler": scheduler,
            "api_latency": latency,
            "overall_pass": bool(ingest["pass"] and scheduler["pass"]),
        }
    )


@routes.get("/jobs/status")
async def jobs_status(request: web.Request) -> web.Response:
    job = request.query.get("job_name")
    limit = number(request, "limit", usual=20, most=500)
    return web.json_response(await request.app[CONTEXT].rows(_RUNS, job=job, limit=limit))


@routes.get("/jobs/stats/{job_name}")
async def jobs_stats(request: web.Request) -> web.Response:
    job = request.match_info["job_name"]
    found = await request.app[CONTEXT].rows(_STATS, job=job)
    if not found:
        raise web.HTTPNotFound(text=f"No runs of {job}")
    return web.json_response(found[0])


def _slo(good: object, total: object, target: float) -> dict[str, object]:
    actual = 100.0 * float(str(good)) / max(float(str(total)), 1.0)
    return {"pass": actual >= target, "actual_pct": round(actual, 2), "target_pct": target}
