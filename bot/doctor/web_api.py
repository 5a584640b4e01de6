"""SoVAni's web API: that it is up and counts request times, and the admin token is there."""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from typing import Final

from bot.core.histogram import BUCKET_METRIC
from bot.core.model import Facts, Json, Unreadable, phrase
from bot.core.tools import Sample
from bot.doctor import Case, Result, fine, ill, skipped, uneasy
from bot.edges.http import Limits
from bot.edges.webapi import ShopWebApi

NUMBER: Final = 80
WHAT: Final = phrase("doctor_web")
METRICS: Final = phrase("doctor_metrics")
TOKEN: Final = phrase("doctor_admin_token")


async def examine(case: Case) -> Sequence[Result]:
    settings = case.settings
    web = ShopWebApi(settings.web_api_url, reading=Limits(seconds=case.seconds))
    try:
        health, metrics = await asyncio.gather(
            _health(web), _metrics(web, needed=settings.prometheus_url is None)
        )
    finally:
        await web.aclose()
    return [health, metrics, judge_token(is_set=settings.admin_token is not None)]


async def _health(web: ShopWebApi) -> Result:
    try:
        return judge_health(await web.health())
    except Unreadable as failure:
        return ill(WHAT, failure.why, phrase("doctor_mend_web"))


def judge_health(health: Facts) -> Result:
    """`/health` says that it is up, `/healthz` whether all it needs is up too."""
    alive, ready = health["alive"], health["ready"]
    if ready is False:
        seen = phrase("doctor_web_not_ready", parts=_bad(health["checks"]))
        return uneasy(WHAT, seen, phrase("doctor_mend_web_parts"))
    if alive != "healthy":
        seen = phrase("doctor_web_unwell", said=str(alive))
        return uneasy(WHAT, seen, phrase("doctor_mend_web_parts"))
    return fine(WHAT, phrase("doctor_web_fine"))


def _bad(checks: Json) -> list[Json]:
    parts: Mapping[str, Json] = checks if isinstance(checks, Mapping) else {}
    well = {"ok", "healthy", "true"}
    return [f"{name}: {said}" for name, said in parts.items() if str(said).lower() not in well]


async def _metrics(web: ShopWebApi, *, needed: bool) -> Result:
    try:
        samples = await web.scrape([BUCKET_METRIC])
    except Unreadable as failure:
        if not needed:
            return skipped(METRICS, phrase("doctor_metrics_unused"))
        return ill(METRICS, failure.why, phrase("doctor_mend_web"))
    return judge_metrics(samples)


def judge_metrics(samples: Collection[Sample]) -> Result:
    """A labelled histogram has no series before the first request, so none is no proof."""
    endpoints = {sample.labels.get("endpoint") for sample in samples}
    if not endpoints:
        none = phrase("doctor_metrics_none", metric=BUCKET_METRIC)
        return uneasy(METRICS, none, phrase("doctor_mend_metrics"))
    return fine(METRICS, phrase("doctor_metrics_fine", endpoints=len(endpoints)))


def judge_token(*, is_set: bool) -> Result:
    """Only whether it is there: to try it would clear the caches."""
    if not is_set:
        unset = phrase("doctor_unset", name="ADMIN_TOKEN")
        return uneasy(TOKEN, unset, phrase("doctor_mend_admin_token"))
    return fine(TOKEN, phrase("doctor_admin_token_set"))
