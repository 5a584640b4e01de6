"""One call with one key, and what its answer says."""

import time
from datetime import datetime

from bot.core import market_answer
from bot.core.market_answer import Heard
from bot.core.markets import Answer, Verdict
from bot.edges.http import Call, NoReply, Remote, Reply
from bot.edges.markets.keys import Slot


async def ask(remote: Remote, call: Call, slot: Slot, now: datetime) -> tuple[Answer, bytes]:
    """The answer, and the body where there is one."""
    started = time.perf_counter()
    try:
        reply = await remote.fetch(call)
    except NoReply as failure:
        malformed = failure.why.key == "http_bad_header"
        verdict = Verdict.MALFORMED if malformed else Verdict.NETWORK
        return Answer(at=now, verdict=verdict, why=failure.why), b""
    ms = round(1000 * (time.perf_counter() - started), 1)
    return _judged(slot, reply, now, ms), reply.body


def _judged(slot: Slot, reply: Reply, now: datetime, ms: float) -> Answer:
    heard = Heard(status=reply.status, headers=reply.headers, body=reply.body)
    verdict = market_answer.verdict(heard)
    if verdict.is_our_key and not slot.pair:
        verdict = Verdict.UNSET  # it answers; that it wants a key is no news
    words = market_answer.said(heard)
    return Answer(
        at=now,
        verdict=verdict,
        status=reply.status,
        ms=ms,
        until=market_answer.wait_until(heard, now),
        said=words.replace(slot.secret, "***") if slot.secret else words,
    )
