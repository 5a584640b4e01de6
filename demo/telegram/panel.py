"""The page's way to the switches of the demo shop: passed on, so that the page has one origin."""

from dataclasses import dataclass

import aiohttp
from aiohttp import web

ANSWER_WITHIN = aiohttp.ClientTimeout(total=30)


@dataclass(frozen=True, slots=True)
class Panel:
    """Shop side: GET /switches → list of switches, POST /switches/<id> {"on": bool}."""

    url: str
    session: aiohttp.ClientSession

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/panel/switches", self.listed),
            web.post("/panel/switches/{id:[A-Za-z0-9_-]+}", self.switched),
        ]

    async def listed(self, request: web.Request) -> web.Response:
        del request
        return await self._pass("GET", "switches", b"")

    async def switched(self, request: web.Request) -> web.Response:
        return await self._pass(
            "POST", f"switches/{request.match_info['id']}", await request.read()
        )

    async def _pass(self, method: str, path: str, body: bytes) -> web.Response:
        if not self.url:
            return web.json_response({"error": "no panel"}, status=404)
        try:
            async with self.session.request(
                method,
                f"{self.url.rstrip('/')}/{path}",
                data=body or None,
                headers={"Content-Type": "application/json"},
                timeout=ANSWER_WITHIN,
            ) as answer:
                content = await answer.read()
                kind = answer.content_type
                return web.Response(body=content, status=answer.status, content_type=kind)
        except (aiohttp.ClientError, TimeoutError):
            return web.json_response({"error": "the demo shop does not answer"}, status=502)
