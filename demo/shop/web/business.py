"""The endpoints that the shop's people look at: all answered through the cache."""

from datetime import timedelta

from aiohttp import web

from demo.shop.web.context import CONTEXT, days, number

routes = web.RouteTableDef()

_SALES = """
SELECT s.d, k.marketplace, SUM(s.qty) AS qty, ROUND(SUM(s.revenue_gross), 2) AS revenue
FROM daily_sales AS s JOIN sku AS k ON k.id = s.sku_id
WHERE s.d >= :first AND s.d < :after GROUP BY s.d, k.marketplace
"""
_INVENTORY = "SELECT * FROM vw_inventory_snapshot LIMIT :limit"
_CASH = "SELECT * FROM cashflow_daily WHERE d >= :first AND d < :after ORDER BY d, marketplace"
_PNL = """
SELECT d, marketplace, ROUND(SUM(revenue_net), 2) AS revenue,
    ROUND(SUM(gross_profit), 2) AS profit
FROM pnl_daily WHERE d >= :first AND d < :after GROUP BY d, marketplace
"""
_REVIEWS = """
SELECT review_id, marketplace, rating, text FROM reviews
WHERE reply_status = 'pending' AND created_at_utc >= :since ORDER BY created_at_utc LIMIT :limit
"""


@routes.get("/api/v1/sales")
async def sales(request: web.Request) -> web.Response:
    context = request.app[CONTEXT]
    return web.json_response(
        await context.cached("sales", _SALES, **days(request, context, usual=7))
    )


@routes.get("/api/v1/inventory")
async def inventory(request: web.Request) -> web.Response:
    limit = number(request, "limit", usual=100, most=1000)
    return web.json_response(
        await request.app[CONTEXT].cached("inventory", _INVENTORY, limit=limit)
    )


@routes.get("/api/v1/finance/cashflow")
async def cashflow(request: web.Request) -> web.Response:
    context = request.app[CONTEXT]
    return web.json_response(
        await context.cached("cashflow", _CASH, **days(request, context, usual=30))
    )


@routes.get("/api/v1/finance/pnl")
async def pnl(request: web.Request) -> web.Response:
    context = request.app[CONTEXT]
    return web.json_response(await context.cached("pnl", _PNL, **days(request, context, usual=7)))


@routes.get("/api/v1/reviews/pending")
async def pending_reviews(request: web.Request) -> web.Response:
    context = request.app[CONTEXT]
    limit = number(request, "limit", usual=50, most=500)
    since = (context.clock() - timedelta(days=30)).date().isoformat()
    return web.json_response(await context.cached("reviews", _REVIEWS, since=since, limit=limit))
