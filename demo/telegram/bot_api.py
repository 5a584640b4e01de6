"""The Bot API over HTTP: `/bot<token>/<method>` and `/file/bot<token>/<path>`."""

import asyncio
from dataclasses import dataclass

from aiohttp import web

from demo.telegram.faults import Fault
from demo.telegram.methods import METHODS
from demo.telegram.methods.service import get_updates
from demo.telegram.params import Params, read_params
from demo.telegram.refusals import (
    NO_SUCH_METHOD,
    NO_SUCH_TOKEN,
    TOO_LARGE,
    UNAUTHORIZED,
    Refusal,
)
from demo.telegram.state import State
from demo.telegram.world import Json

BAD_GATEWAY = (
    "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n"
    "<center><h1>502 Bad Gateway</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>"
)


@dataclass(frozen=True, slots=True)
class BotApi:
    state: State

    def routes(self) -> list[web.RouteDef]:
        return [
            web.route("*", r"/bot{token:[^/]+}/{method}", self.call),
            web.get(r"/file/bot{token:[^/]+}/{path:.+}", self.download),
        ]

    async def call(self, request: web.Request) -> web.StreamResponse:
        method = request.match_info["method"].lower()
        if self.state.faults.outage:
            return hang_up(request)
        self.state.calls[method] += 1
        self.state.called.ring()
        try:
            params = await read_params(request)
            self._check_token(request.match_info["token"])
        except web.HTTPRequestEntityTooLarge:
            return self._answer(Refusal(*TOO_LARGE).as_json())
        except Refusal as refusal:
            return self._answer(refusal.as_json())
        fault = self.state.faults.take(method, params.text("chat_id"))
        if fault is None:
            return await self._finish(request, method, params)
        return await self._meet(fault, request, method, params)

    async def _meet(
        self, fault: Fault, request: web.Request, method: str, params: Params
    ) -> web.StreamResponse:
        match fault.kind:
            case "refuse":
                refusal = Refusal(fault.status, fault.description, fault.parameters)
                return self._answer(refusal.as_json())
            case "html":
                self.state.answers[502] += 1
                return web.Response(status=502, text=BAD_GATEWAY, content_type="text/html")
            case "drop_before":
                return hang_up(request)
            case "drop_after":
                await self._perform(method, params)
                return hang_up(request)
            case "latency":
                await asyncio.sleep(fault.seconds)
                return await self._finish(request, method, params)

    async def _finish(
        self, request: web.Request, method: str, params: Params
    ) -> web.StreamResponse:
        answer = await self._perform(method, params)
        # an outage that began during a long poll cuts it too
        return hang_up(request) if self.state.faults.outage else self._answer(answer)

    async def _perform(self, method: str, params: Params) -> Json:
        try:
            if method == "getupdates":
                return {"ok": True, "result": await get_updates(self.state, params)}
            perform = METHODS.get(method, _missing)
            return {"ok": True, "result": perform(self.state, params)}
        except Refusal as refusal:
            return refusal.as_json()

    def _answer(self, answer: Json) -> web.Response:
        status = int(answer.get("error_code", 200))
        self.state.answers[status] += 1
        return web.json_response(answer, status=status)

    def _check_token(self, token: str) -> None:
        if token == self.state.world.token:
            return
        well_formed = token.partition(":")[0].isdigit() and ":" in token
        raise Refusal(*(UNAUTHORIZED if well_formed else NO_SUCH_TOKEN))

    async def download(self, request: web.Request) -> web.StreamResponse:
        if self.state.faults.outage:
            return hang_up(request)
        try:
            self._check_token(request.match_info["token"])
            file_id = request.match_info["path"].rpartition("/")[2]
            stored = self.state.files.known(file_id)
        except Refusal as refusal:
            return self._answer(refusal.as_json())
        return web.Response(body=stored.content, content_type="application/octet-stream")


def _missing(state: State, params: Params) -> object:
    del state, params
    raise Refusal(*NO_SUCH_METHOD)


def hang_up(request: web.Request) -> web.Response:
    """Close the connection without an answer, as a dead network would."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response()
