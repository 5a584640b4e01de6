"""The verdict on one look at the web API, and the facts that go with it. Pure."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from bot.core.model import (
    Facts,
    Json,
    Moment,
    Phrase,
    Reading,
    Severity,
    Unreadable,
    fires,
    ok,
    phrase,
    unknown,
)
from checks._api_config import Config
from checks._api_look import Look
from checks._latency import Latency

LATENCY: Final = "web API"
REACHABILITY: Final = "web API reachability"
SHOWN: Final = 3
SERVER_ERROR: Final = 500
UNREACHABLE: Final = frozenset(
    {"http_refused", "http_timeout", "http_unknown_host", "http_broken_off", "http_tls"}
)


def judge(look: Look, at: Moment, config: Config) -> Reading:
    found = look.latency
    if found is None:
        why = look.why or phrase("latency_first_look")
        return unknown(LATENCY, why, idle=True, again_in=look.again_in)
    if found.flaw is not None:
        return unknown(LATENCY, phrase("latency_broken", flaw=found.flaw))
    if found.p95_ms is None or found.requests < config.min_requests:
        few = phrase(
            "latency_few_requests",
            requests=found.requests,
            needed=config.min_requests,
            window_sec=look.window_sec,
        )
        counted: Facts = {"requests": found.requests, "buckets": found.buckets}
        return replace(unknown(LATENCY, few, idle=True), facts=counted)
    numbers = {**facts(found, look.window_sec, config), **look.failures}
    if found.p95_ms > config.slo_api_latency_p95_ms:
        return fires(LATENCY, _severity(at, config), **numbers)
    if found.at_least:  # beyond the widest bucket, which ends below the target
        return unknown(LATENCY, phrase("latency_buckets_too_low", bound_ms=found.p95_ms))
    return ok(LATENCY, **numbers)


def unreadable(blind: Unreadable) -> list[Reading]:
    """Tell an API that cannot be reached, a trouble of its own, from a strange answer.

    While it cannot be reached, nobody needs to hear that its latency is not known either.
    """
    status = blind.why.values.get("status")
    broken = isinstance(status, int) and status >= SERVER_ERROR
    if blind.why.key in UNREACHABLE or broken:
        down = fires(REACHABILITY, Severity.ERROR, reason=_reason(blind.why))
        return [down, unknown(LATENCY, blind.why, idle=True)]
    return [unknown(REACHABILITY, blind.why), unknown(LATENCY, blind.why)]


def facts(found: Latency, window_sec: float | None, config: Config) -> dict[str, Json]:
    return {
        "p95_ms": found.p95_ms,
        "at_least": found.at_least,
        "threshold_ms": config.slo_api_latency_p95_ms,
        "requests": found.requests,
        "buckets": found.buckets,
        "window_sec": window_sec,
        "slowest": _slowest(found, SHOWN),
    }


def answer(found: Latency, window_sec: float | None, config: Config) -> Facts:
    return {
        **facts(found, window_sec, config),
        "flaw": found.flaw,
        "endpoints": _slowest(found, len(found.endpoints)),
    }


def _slowest(found: Latency, most: int) -> list[Mapping[str, Json]]:
    return [
        {
            "endpoint": one.name,
            "p95_ms": one.p95_ms,
            "requests": one.requests,
            "at_least": one.at_least,
        }
        for one in found.endpoints[:most]
    ]


def _severity(at: Moment, config: Config) -> Severity:
    since = at.open.get(LATENCY)
    lasting = since is not None and (at.now - since).total_seconds() >= config.sustained_sec
    return Severity.ERROR if lasting else Severity.WARNING


def _reason(why: Phrase) -> Mapping[str, Json]:
    """Keep the phrase as a fact, for the card to say."""
    return {"key": why.key, "values": why.values}
