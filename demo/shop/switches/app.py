"""`GET /switches` and `POST /switches/<id> {"on": true}`."""

import asyncio
import logging
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from http.client import HTTPException
from xmlrpc.client import Error as RpcError  # our own supervisord, on loopback

import aiohttp
from aiohttp import web

from demo.shop.switches.base import Site, Switch
from demo.shop.switches.free_pages import FreePages
from demo.shop.switches.negative_cash import NegativeCash
from demo.shop.switches.no_sales import NoSales
from demo.shop.switches.scheduler_dead import SchedulerDead
from demo.shop.switches.slow_api import SlowApi
from demo.shop.switches.wrong_commissions import WrongCommissions

TROUBLES = (sqlite3.Error, OSError, aiohttp.ClientError, TimeoutError, RpcError, HTTPException)
_log = logging.getLogger("demo.switches")


def all_switches(site: Site) -> list[Switch]:
    return [
        SlowApi(site),
        NoSales(site),
        NegativeCash(site),
        WrongCommissions(site),
        FreePages(site),
        SchedulerDead(site),
    ]


class Panel:
    """One change at a time for each switch: a double tap breaks a thing once."""

    def __init__(self, switches: Sequence[Switch]) -> None:
        self._switches: Mapping[str, Switch] = {s.card.id: s for s in switches}
        self._locks = {name: asyncio.Lock() for name in self._switches}

    def application(self) -> web.Application:
        app = web.Application()
        app.add_routes([web.get("/switches", self._list), web.post("/switches/{id}", self._turn)])
        return app

    async def _list(self, _request: web.Request) -> web.Response:
        views = await asyncio.gather(*(_view(switch) for switch in self._switches.values()))
        return web.json_response(views)

    async def _turn(self, request: web.Request) -> web.Response:
        switch = self._switches.get(request.match_info["id"])
        if switch is None:
            return web.json_response({"error": "no such switch"}, status=404)
        on = await _wish(request)
        if on is None:
            return web.json_response({"error": 'say {"on": true} or {"on": false}'}, status=400)
        try:
            async with self._locks[switch.card.id]:
                note = await switch.turn(on=on)
        except TROUBLES as error:
            _log.warning("%s: %s", switch.card.id, error)
            return web.json_response({"error": f"{switch.card.label}: {error}"}, status=503)
        return web.json_response({**await _view(switch), "note": note})


async def _wish(request: web.Request) -> bool | None:
    try:
        on = (await request.json())["on"]
    except (ValueError, KeyError, TypeError):
        return None
    return on if isinstance(on, bool) else None


async def _view(switch: Switch) -> dict[str, object]:
    """Show a switch; `on` is null while the shop does not tell."""
    try:
        on: bool | None = await switch.is_on()
    except TROUBLES as error:
        _log.warning("%s: %s", switch.card.id, error)
        on = None
    return {**asdict(switch.card), "on": on}
