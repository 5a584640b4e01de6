"""What a repair of the web API's latency is judged by: requests since, and none from before."""

from functools import partial
from typing import Final

from bot.core import histogram
from bot.core.model import Facts, Moment, Reading, Status, Unreadable, phrase
from bot.core.tools import Tools
from bot.core.trial import Trial
from checks import _promql, _routes
from checks._api_config import Config
from checks._api_look import SCRAPES, Look, compare, scrape
from checks._api_verdict import facts, judge
from checks._latency import measured
from checks._memory import recall, remember
from checks._scrapes import SHAPE

BEGUN: Final = "api_latency_p95:trial"


def trial(config: Config) -> Trial:
    return Trial(
        seconds=config.window_sec,
        before=partial(before, config=config),
        begin=partial(begin, config=config),
        since=partial(since, config=config),
        sure=partial(_sure, config=config),
    )


async def before(tools: Tools, at: Moment, *, config: Config) -> Facts:
    window = config.window_sec
    if tools.prometheus is not None:
        found = await _promql.latency(tools.prometheus, window, config.ignored_endpoints)
        look = Look(latency=found, window_sec=window)
    else:
        now = await scrape(tools, at, config)
        earlier = await recall(tools.memory, SCRAPES, SHAPE, [])
        _, look = compare(earlier, now, config, recovering=False)
    if look.latency is None or look.latency.p95_ms is None:
        return {}
    return facts(look.latency, look.window_sec, config)


async def begin(tools: Tools, at: Moment, *, config: Config) -> None:
    """From here on the check counts anew as well: slow requests of before would hide a repair."""
    await remember(tools.memory, BEGUN, SHAPE, [])  # an older one must not be taken for it
    if tools.prometheus is None:
        now = await scrape(tools, at, config)
        earlier = await recall(tools.memory, SCRAPES, SHAPE, [])
        await _routes.add(tools.memory, at, earlier, now)  # to the week they belong all the same
        for key in (BEGUN, SCRAPES):
            await remember(tools.memory, key, SHAPE, [now])


async def since(tools: Tools, at: Moment, seconds: float, *, config: Config) -> Reading:
    if tools.prometheus is not None:
        window = max(1.0, seconds)
        found = await _promql.latency(tools.prometheus, window, config.ignored_endpoints)
        return judge(Look(latency=found, window_sec=round(window, 1)), at, config)
    begun = await recall(tools.memory, BEGUN, SHAPE, [])
    if not begun:
        raise Unreadable(phrase("latency_first_look"))
    now = await scrape(tools, at, config)
    if not now.buckets:
        return judge(Look(why=phrase("latency_no_requests")), at, config)
    came = histogram.delta(begun[0].buckets, now.buckets)
    return judge(Look(latency=measured(came), window_sec=round(seconds, 1)), at, config)


def _sure(reading: Reading, *, config: Config) -> bool:
    """Well, and by as many requests as the check itself takes for no chance."""
    requests = reading.facts.get("requests")
    many = isinstance(requests, int | float) and requests >= config.recovery_requests
    return reading.status is Status.OK and many
