"""Wildberries and Ozon in small: keys are checked, quotas are counted, errors look like theirs.

While the collector's session is lost, Wildberries has withdrawn its token; the spare one works.
"""

import base64
import json
import time
from collections import defaultdict, deque
from collections.abc import Callable, Mapping
from http import HTTPStatus
from pathlib import Path
from typing import Any

from aiohttp import web

from demo.shop.data.shelf import CATEGORIES

BITS = {
    "content": 1,
    "analytics": 2,
    "statistics": 5,
    "promotion": 6,
    "feedbacks": 7,
    "supplies": 10,
}
PINGS, PINGS_WITHIN = 3, 30.0  # a host's quota, as Wildberries documents it for /ping
LISTS, LISTS_WITHIN = 2, 60.0  # and for the list of tariffs
OZON_KEY = "Api-Key"


def token(ends: float, *categories: str, read_only: bool = True) -> str:
    """Make a token as Wildberries does, signed by nobody."""
    mask = sum(1 << BITS[name] for name in categories) | (1 << 30 if read_only else 0)
    claims = {"acc": 3, "ent": 1, "exp": int(ends), "for": "self", "s": mask, "t": False}
    return f"{_part({'alg': 'ES256', 'typ': 'JWT'})}.{_part(claims)}.{_part('demo')}"


def _part(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


def tariffs() -> list[dict[str, str | int | float]]:
    """Two subjects of each category. A rule of the shop is a step or more off most of them."""
    found: list[dict[str, str | int | float]] = []
    for parent, (name, category) in enumerate(CATEGORIES.items(), start=1):
        for subject in (1, 2):
            rate = category.rates["WB"].pct + 0.5 * (parent % 4)
            if (parent, subject) == (1, 2):
                rate += 1.5  # one category of which the subjects differ
            found.append(
                {
                    "kgvpBooking": rate + 2,
                    "kgvpMarketplace": rate + 3,
                    "kgvpPickup": rate + 2,
                    "kgvpSupplier": rate,
                    "kgvpSupplierExpress": 3,
                    "paidStorageKgvp": rate,
                    "parentID": parent,
                    "parentName": name,
                    "subjectID": 10 * parent + subject,
                    "subjectName": f"{name} {subject}",
                }
            )
    return found


class Marketplaces:
    """`keys` are those that somebody has made; anything else is refused."""

    def __init__(
        self,
        *,
        keys: Mapping[str, str],
        session_lost: Path,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._keys = keys
        self._session_lost = session_lost
        self._clock = clock
        self._now = now
        self._calls: dict[str, deque[float]] = defaultdict(deque)

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/wb/{category}/ping", self._ping),
            web.get("/wb/common/api/v1/tariffs/commission", self._commissions),
            web.post("/ozon/v3/product/list", self._products),
        ]

    async def _ping(self, request: web.Request) -> web.Response:
        category = request.match_info["category"]
        if category not in BITS:
            return _wb(HTTPStatus.NOT_FOUND, "path not found")
        if wait := self._wait(category, PINGS, PINGS_WITHIN):
            headers = {"X-Ratelimit-Limit": str(PINGS), "X-Ratelimit-Retry": str(wait)}
            return _wb(HTTPStatus.TOO_MANY_REQUESTS, "limited by ping", headers)
        refusal = self._refusal(request.headers.get("Authorization", ""), category)
        if refusal is not None:
            return _wb(HTTPStatus.UNAUTHORIZED, refusal)
        return web.json_response({"TS": time.strftime("%FT%T%z"), "Status": "OK"})

    async def _commissions(self, request: web.Request) -> web.Response:
        """Any token will do. The list is the same in all languages here."""
        if wait := self._wait("tariffs", LISTS, LISTS_WITHIN):
            headers = {"X-Ratelimit-Limit": str(LISTS), "X-Ratelimit-Retry": str(wait)}
            return _wb(HTTPStatus.TOO_MANY_REQUESTS, "limited by tariffs", headers)
        refusal = self._refusal(request.headers.get("Authorization", ""))
        if refusal is not None:
            return _wb(HTTPStatus.UNAUTHORIZED, refusal)
        return web.json_response({"report": tariffs()})

    def _wait(self, name: str, most: int, within: float) -> int:
        """Count a call; return the seconds to wait where there were too many."""
        calls, now = self._calls[name], self._clock()
        while calls and now - calls[0] >= within:
            calls.popleft()
        if len(calls) >= most:
            return max(1, round(within - (now - calls[0])))
        calls.append(now)
        return 0

    def _refusal(self, given: str, category: str | None = None) -> str | None:
        claims = _claims(given)
        if claims is None:
            return "token is malformed"
        if claims["exp"] <= self._now():
            return "token expired"
        lost = given == self._keys.get("WB_STATS_TOKEN") and self._session_lost.exists()
        if lost or given not in self._keys.values():
            return "token withdrawn"
        opens = category is None or claims["s"] >> BITS[category] & 1
        return None if opens else "token scope not allowed"

    async def _products(self, request: web.Request) -> web.Response:
        client, key = request.headers.get("Client-Id"), request.headers.get(OZON_KEY)
        if not client or not key:
            said = {"code": 16, "message": "Client-Id and Api-Key headers are required"}
            return web.json_response(said, status=HTTPStatus.UNAUTHORIZED)
        known = client == self._keys.get("OZON_CLIENT_ID") and key in self._keys.values()
        if not known:
            said = {"code": 7, "message": "Invalid Api-Key, please contact support"}
            return web.json_response(said, status=HTTPStatus.FORBIDDEN)
        return web.json_response({"result": {"items": [], "total": 0, "last_id": ""}})


def _wb(status: HTTPStatus, detail: str, headers: Mapping[str, str] | None = None) -> web.Response:
    answer = {
        "title": status.phrase.lower(),
        "detail": detail,
        "origin": "s2s-api-auth-demo",
        "status": int(status),
        "statusText": status.phrase,
    }
    return web.json_response(answer, status=status, headers=headers)


def _claims(given: str) -> Mapping[str, Any] | None:
    try:
        middle = given.split(".")[1]
        found = json.loads(base64.urlsafe_b64decode(middle + "=" * (-len(middle) % 4)))
        return {"exp": float(found["exp"]), "s": int(found["s"])}
    except (ValueError, LookupError, TypeError):
        return None
