"""Starts SoVAni's own jobs as the settings say: over its web API, or as a systemd unit."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from http import HTTPStatus
from typing import Final
from urllib.parse import parse_qsl, quote

from bot.core.missed import DAYS, Missed
from bot.core.model import Facts, Json, Phrase, Source, phrase
from bot.core.runbook import ActionFailed
from bot.edges.http import Call, Limits, NoReply, Remote, not_accepted

MOST_RESULTS: Final = 8  # lines of a job's own report that are shown
LONGEST: Final = 80
SIZE: Final = 4_000_000
FAILED: Final = ("failed", "failure", "error")  # no set: what comes may be a list or an object
PROXY: Final = (HTTPStatus.BAD_GATEWAY, HTTPStatus.GATEWAY_TIMEOUT)  # never SoVAni's own words
REFUSED: Final = (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN)
DONE: Final = (HTTPStatus.OK, HTTPStatus.CREATED, HTTPStatus.ACCEPTED, HTTPStatus.NO_CONTENT)


@dataclass(kw_only=True)
class ShopJobs:
    """`recipes` by job: "api:/path?day={date}" or "unit:name@{date}". `seconds` for each.

    `start_unit` starts a unit and waits for its end; given up on, the unit goes on.
    """

    address: str
    token: str | None
    recipes: Mapping[str, str | None]
    start_unit: Callable[[str], Awaitable[None]]
    seconds: float = 900.0
    missed: Mapping[str, Missed] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._remote = Remote(self.address, Source.WEB_API)

    async def aclose(self) -> None:
        await self._remote.aclose()

    def offered(self, job: str) -> bool:
        return bool(self.recipes.get(job))

    def unit(self, job: str, day: date) -> str | None:
        known = self.missed.get(job)
        recipe = self.recipes.get(known.does if known else job) or ""
        way, _, where = recipe.partition(":")
        if way != "unit":
            return None
        days = str(known.days if known else DAYS)
        return where.replace("{date}", day.isoformat()).replace("{days}", days)

    async def run(self, job: str, args: Mapping[str, str], key: str) -> Facts:
        """Start it, wait for its end, and return what it says of itself."""
        recipe = self.recipes.get(job)
        if not recipe:
            raise ActionFailed(phrase("job_not_set", setting=f"JOB_{job.upper()}"))
        way, _, where = recipe.partition(":")
        if way == "unit":
            unit = where
            for name, value in args.items():
                unit = unit.replace(f"{{{name}}}", value)
            await self._start(unit)
            return {"result": {"unit": unit}}
        for name, value in args.items():
            where = where.replace(f"{{{name}}}", quote(value, safe=""))
        path, _, query = where.partition("?")
        return {"result": shown(await self._post(path, dict(parse_qsl(query)), key))}

    async def _start(self, unit: str) -> None:
        try:
            async with asyncio.timeout(self.seconds):
                await self.start_unit(unit)
        except TimeoutError:
            late = phrase("job_unit_timeout", unit=unit, seconds=self.seconds, maybe_done=True)
            raise ActionFailed(late) from None

    async def reconcile(self, first: str, last: str, key: str) -> Facts:
        """Let the web API compare commissions again: `outliers_found`."""
        query = {"date_from": first, "date_to": last}
        answer = await self._post("/api/v1/finance/reconcile", query, key)
        found = answer.get("outliers_found")
        if not isinstance(found, int):
            raise ActionFailed(unclear("/api/v1/finance/reconcile"))
        return {"outliers_found": found}

    async def _post(self, path: str, query: Mapping[str, str], key: str) -> Mapping[str, Json]:
        if not self.token:
            raise ActionFailed(phrase("job_token_missing"))
        call = Call(
            method="POST",
            path=path,
            query=query or None,
            headers={"Authorization": f"Bearer {self.token}", "Idempotency-Key": key},
            accept=range(100, 600),
            limits=Limits(seconds=self.seconds, size=SIZE),
        )
        try:
            reply = await self._remote.fetch(call)
        except NoReply as failure:
            raise ActionFailed(failure.of_action) from None
        if reply.status in REFUSED:
            raise ActionFailed(phrase("admin_token_refused", where=reply.where))
        try:
            answer = json.loads(reply.body) if reply.body else {}
        except (ValueError, RecursionError):
            answer = None
        by_a_proxy = reply.status in PROXY or not isinstance(answer, dict)
        if reply.status not in DONE and by_a_proxy:
            raise ActionFailed(not_accepted(Source.WEB_API, reply).of_action)
        said = answer if isinstance(answer, dict) else {"answer": answer}
        if reply.status not in DONE or said.get("status") in FAILED:
            why = said.get("error") or said.get("detail") or said.get("details") or ""
            raise ActionFailed(
                phrase("job_failed", where=reply.where, status=reply.status, why=short(why))
            )
        if answer is None:
            raise ActionFailed(unclear(reply.where))
        return said


def unclear(where: str) -> Phrase:
    return phrase("job_answer_unclear", where=where, maybe_done=True)


def shown(answer: Mapping[str, Json]) -> dict[str, Json]:
    """The job's own report, flat and short enough for a phone."""
    flat: dict[str, Json] = {}
    for name, value in answer.items():
        parts = value.items() if isinstance(value, Mapping) else [("", value)]
        for part, one in parts:
            flat[short(f"{name} {part}".strip())] = short(one)
    return dict(list(flat.items())[:MOST_RESULTS])


def short(value: Json) -> str:
    """Foreign text in one line, without control characters."""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return "".join(sign if sign.isprintable() else " " for sign in text)[:LONGEST].strip()
