"""Answers of the shop's web API and of the marketplaces: understood, or said to be unclear."""

import json
from datetime import UTC, datetime, timedelta

from bot.core import market_answer
from bot.core.market_answer import WORDS, Heard
from bot.core.model import Unreadable
from bot.core.runbook import ActionFailed
from bot.edges import jobs
from bot.edges.jobs import ShopJobs
from bot.edges.webapi import ShopWebApi
from fuzz._canned import Canned, at_once
from fuzz._grown import Bytes, grown

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
STATUSES = (200, 202, 400, 401, 403, 404, 429, 500, 503, 299)
NAMES = (
    *("status", "details", "detail", "action_name", "retry_count", "error", "message", "checks"),
    *("outliers_found", "errorText", "database"),
)
DONE = {"status": "success", "action_name": "clear", "details": "ok", "retry_count": 0}
SEEDS = (
    *(bytes([kind, 0]) + json.dumps(DONE).encode() for kind in range(4)),
    bytes([0, 0]) + json.dumps({"status": "healthy", "checks": {"database": "ok"}}).encode(),
    bytes([2, 0]) + json.dumps({"outliers_found": 3, "status": "completed"}).encode(),
    bytes([3, 3]) + json.dumps({"detail": "token scope not allowed"}).encode(),
    bytes([3, 6]) + b"Wed, 25 Nov 2026 12:00:00 GMT",
    *(bytes([kind + 4, 0]) + bytes(range(0xB0, 0xF0, 3)) for kind in range(4)),
)


def one(data: bytes) -> None:
    source = Bytes(data)
    kind, status = source.next(), STATUSES[source.next() % len(STATUSES)]
    body = json.dumps(grown(source, NAMES)).encode() if kind & 4 else source.rest
    try:
        match kind % 4:
            case 0:
                facts = at_once(_web(status, body).health())
                json.dumps(facts)
            case 1:
                json.dumps(at_once(_web(status, body).clear_cache()))
            case 2:
                _jobs(status, body)
            case _:
                _market(status, body)
    except (ActionFailed, Unreadable) as refused:
        assert refused.why.key


def _web(status: int, body: bytes) -> ShopWebApi:
    api = ShopWebApi("http://127.0.0.1:9", "the-admin's-token")
    vars(api)["_remote"] = Canned(status, body)
    return api


def _jobs(status: int, body: bytes) -> None:
    async def start(unit: str) -> None:
        del unit

    made = ShopJobs(
        address="http://127.0.0.1:9",
        token="the-admin's-token",  # noqa: S106  # opens nothing
        recipes={},
        start_unit=start,
        seconds=1,
    )
    vars(made)["_remote"] = Canned(status, body)
    found = at_once(made.reconcile("2026-11-01", "2026-11-07", "key"))
    assert isinstance(found["outliers_found"], int)
    answer = json.loads(body)
    assert all(len(text) <= jobs.LONGEST for text in jobs.shown(answer))


def _market(status: int, body: bytes) -> None:
    text = body.decode("latin-1")
    heard = Heard(status=status, headers={"retry-after": text}, body=body)
    assert market_answer.verdict(heard)
    assert len(market_answer.said(heard)) <= WORDS
    until = market_answer.wait_until(heard, NOW)
    assert until is None or timedelta(0) < until - NOW <= timedelta(days=1)
