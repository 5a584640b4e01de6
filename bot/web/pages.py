"""The API's documents, served by the API itself: no script, nothing from elsewhere."""

import json
from collections.abc import Callable

from bot import __version__
from bot.web.context import Context
from bot.web.endpoint import AnyEndpoint, Call, Endpoint, Nothing, Reply
from bot.web.openapi import Json

HTML = "text/html; charset=utf-8"
POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'"
Empty = Call[Nothing, Nothing, Nothing]


def endpoints(context: Context, document: Callable[[str], Json]) -> list[AnyEndpoint]:
    """`document` describes all endpoints, these two among them."""

    async def openapi(_call: Empty) -> Reply:
        return Reply(json.dumps(document(__version__), ensure_ascii=False).encode())

    async def docs(_call: Empty) -> Reply:
        page = context.templates.render("web/docs.html.j2", api=document(__version__))
        headers = {"Content-Security-Policy": POLICY}
        return Reply(page.encode(), media=HTML, headers=headers)

    return [
        Endpoint(
            method="GET",
            path="/openapi.json",
            name="openapi",
            about="This API as an OpenAPI 3.1 document.",
            work=openapi,
            answer="application/json",
            needs=None,
            group="Documents",
        ),
        Endpoint(
            method="GET",
            path="/docs",
            name="docs",
            about="This API as a page to read.",
            work=docs,
            answer=HTML,
            needs=None,
            group="Documents",
        ),
    ]
