"""SoVAni's web API: its metrics and health for anybody, its cache for the admin token."""

import asyncio
import json
from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from http import HTTPStatus
from typing import Final

from prometheus_client.parser import text_string_to_metric_families

from bot.core.model import Facts, Json, Source, Unreadable, phrase
from bot.core.runbook import ActionFailed
from bot.core.tools import Sample
from bot.edges.http import Call, Limits, NoReply, Remote, Reply

CACHE_ALERT: Final = "check_api_latency_p95"
READING: Final = Limits(seconds=5, size=4_000_000)
CLEARING: Final = Limits(seconds=30, size=64_000)

_REFUSALS: Final[Mapping[int, str]] = {
    HTTPStatus.BAD_REQUEST: "cache_remediation_off",
    HTTPStatus.UNAUTHORIZED: "admin_token_refused",
    HTTPStatus.FORBIDDEN: "admin_token_refused",
    HTTPStatus.NOT_FOUND: "cache_action_missing",
}
_READY: Final[Mapping[int, bool]] = {
    HTTPStatus.OK: True,
    HTTPStatus.SERVICE_UNAVAILABLE: False,
}
_LONGEST_LINE: Final = 16_000  # the parser's time grows with the square of a line's labels
_PARSED_IN_PLACE: Final = 64_000  # about 10 ms; more would hold up the answers to taps
_SHORT: Final = 300
_MOST_SAMPLES: Final = 3000


class ShopWebApi:
    """`WebApi` and `WebAdmin` over HTTP. Close it when done."""

    def __init__(
        self,
        address: str,
        admin_token: str | None = None,
        *,
        reading: Limits = READING,
        clearing: Limits = CLEARING,
    ) -> None:
        self._remote = Remote(address, Source.WEB_API)
        self._token = admin_token
        self._reading = reading
        self._clearing = clearing
        self._parser = ThreadPoolExecutor(max_workers=1, thread_name_prefix="metrics")

    async def aclose(self) -> None:
        await self._remote.aclose()
        self._parser.shutdown(wait=False, cancel_futures=True)

    async def scrape(self, names: Collection[str]) -> Sequence[Sample]:
        """Implement `WebApi.scrape`; an exposition that holds no sample at all is refused."""
        return await self._metrics(frozenset(names).__contains__)

    async def metrics(self, part: str) -> Sequence[Sample]:
        found = await self._metrics(lambda name: part.lower() in name.lower())
        return found[:_MOST_SAMPLES]

    async def _metrics(self, wanted: Callable[[str], bool]) -> Sequence[Sample]:
        headers = {"Accept": "text/plain;version=0.0.4"}
        call = Call(path="/metrics", headers=headers, limits=self._reading)
        reply = await self._remote.fetch(call)
        parse = partial(_samples, reply, wanted)
        if len(reply.body) <= _PARSED_IN_PLACE:
            return parse()
        return await asyncio.get_running_loop().run_in_executor(self._parser, parse)

    async def health(self) -> Facts:
        """Read `alive` of `/health`, `ready` and `checks` of `/healthz`.

        `ready` is None where an older release has no `/healthz`; its 503 is an answer.
        """
        alive = await self._remote.fetch(Call(path="/health", limits=self._reading))
        statuses = (*_READY, HTTPStatus.NOT_FOUND)
        call = Call(path="/healthz", accept=statuses, limits=self._reading)
        reply = await self._remote.fetch(call)
        ready = _READY.get(reply.status)
        return {
            "alive": _short(_object(alive).get("status")),
            "ready": ready,
            "checks": {} if ready is None else _parts(_object(reply).get("checks")),
        }

    async def clear_cache(self) -> Facts:
        """Implement `WebAdmin.clear_cache`; the facts are the web API's own report."""
        if not self._token:
            raise ActionFailed(phrase("admin_token_missing"))
        try:
            reply = await self._remote.fetch(self._clearing_call(self._token))
            if reply.status in _REFUSALS:
                raise ActionFailed(phrase(_REFUSALS[reply.status], where=reply.where))
            return _cleared(_object(reply), self._token)
        except NoReply as failure:
            raise ActionFailed(failure.of_action) from None
        except Unreadable:
            unclear = phrase("cache_answer_unclear", where=reply.where, maybe_done=True)
            raise ActionFailed(unclear) from None

    def _clearing_call(self, token: str) -> Call:
        return Call(
            method="POST",
            path="/api/v1/ops/remediate",
            query={"alert_source": CACHE_ALERT},
            headers={"Authorization": f"Bearer {token}"},
            accept=(HTTPStatus.OK, *_REFUSALS),
            limits=self._clearing,
        )


def _samples(reply: Reply, wanted: Callable[[str], bool]) -> list[Sample]:
    """Parse all of it, so that a broken line anywhere is noticed, and keep what was asked for."""
    text = _metrics_text(reply)
    try:
        every = [s for family in text_string_to_metric_families(text) for s in family.samples]
    except (ValueError, KeyError, IndexError, TypeError, AttributeError):
        raise _unreadable("metrics_malformed", reply) from None
    if not every:
        raise _unreadable("metrics_empty", reply)
    return [Sample(s.name, dict(s.labels), float(s.value)) for s in every if wanted(s.name)]


def _metrics_text(reply: Reply) -> str:
    if reply.is_html:
        raise _unreadable("http_html", reply)
    try:
        text = reply.body.decode()
    except UnicodeDecodeError:
        raise _unreadable("metrics_malformed", reply) from None
    if text and not text.endswith("\n"):  # the format asks for it: a cut number is a lower one
        raise _unreadable("metrics_cut_short", reply)
    if any(len(line) > _LONGEST_LINE for line in text.splitlines()):
        raise _unreadable("metrics_malformed", reply)
    return text


def _object(reply: Reply) -> Mapping[str, Json]:
    try:
        answer = json.loads(reply.body)
    except (ValueError, RecursionError):
        answer = None
    if not isinstance(answer, dict):
        raise _unreadable("http_html" if reply.is_html else "http_not_json", reply)
    return answer


def _cleared(answer: Mapping[str, Json], token: str) -> Facts:
    details = _short(answer.get("details"), secret=token)
    if answer.get("status") != "success":
        raise ActionFailed(phrase("cache_not_cleared", details=details))
    retries = answer.get("retry_count")
    return {
        "action": _short(answer.get("action_name")),
        "details": details,
        "retries": retries if isinstance(retries, int) else 0,
    }


def _parts(checks: Json) -> Facts:
    parts = checks.items() if isinstance(checks, Mapping) else ()
    return {_short(name): _short(part) for name, part in parts}


def _short(value: Json, *, secret: str | None = None) -> str:
    """Make foreign text safe to show: one line, no control characters, no secret, cut."""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    text = text.replace(secret, "***") if secret else text
    return "".join(c if c.isprintable() else " " for c in text)[:_SHORT].strip()


def _unreadable(key: str, reply: Reply) -> Unreadable:
    return Unreadable(phrase(key, where=reply.where), Source.WEB_API)
