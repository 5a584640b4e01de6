"""A cache so full that every third request waits for an eviction."""

from typing import Any

import aiohttp

from demo.shop.switches.base import Card, Site

PATIENCE = aiohttp.ClientTimeout(total=5)


class SlowApi:
    card = Card(
        id="slow_api",
        label="Slow API",
        explains="Bloats the web API's cache: a third of the requests take about 2 seconds.",
        mend_by="Clear cache",
    )

    def __init__(self, site: Site) -> None:
        self._url = f"{site.web_url}/demo/faults/bloated-cache"
        self._headers = {"Authorization": f"Bearer {site.settings.admin_token}"}

    async def is_on(self) -> bool:
        return await self._ask("GET")

    async def turn(self, *, on: bool) -> None:
        await self._ask("POST", json={"on": on})

    async def _ask(self, method: str, **more: Any) -> bool:  # noqa: ANN401  # aiohttp's own
        async with (
            aiohttp.ClientSession(headers=self._headers, timeout=PATIENCE) as session,
            session.request(method, self._url, raise_for_status=True, **more) as answer,
        ):
            return bool((await answer.json())["on"])
