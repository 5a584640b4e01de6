"""Crowds of alerts and an outage, with `bot run`, the emulator's real limits, and real time.

`STORM_ALERTS=1000 STORM_SECONDS=60` and `OUTAGE_SECONDS=600` are the long runs; their results
stand in benchmarks/RESULTS.md.
"""

import asyncio
import logging
import os
import re
import sqlite3
import time
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from demo.stage import Demo
from demo.telegram import SHOP_TEAM, ControlClient, Json
from tests.e2e.conftest import FAST
from tests.e2e.jobs import Jobs

log = logging.getLogger(__name__)  # pytest -o log_cli_level=info shows what was measured

ALERTS = int(os.environ.get("STORM_ALERTS", "60"))
STORM_SECONDS = float(os.environ.get("STORM_SECONDS", "2"))
OUTAGE_SECONDS = float(os.environ.get("OUTAGE_SECONDS", "3"))
TURNS = 30 if OUTAGE_SECONDS >= 60 else 3  # a minute: long enough for many
STAYING = range(3, 7)
SHOWN_WITHIN, BACK_WITHIN = 3.0, 60.0
MOST_MESSAGES = 10
OPEN = "SELECT id FROM alerts WHERE state != 'resolved'"
OPEN_JOBS = "SELECT subject FROM alerts WHERE state != 'resolved'"


async def test_a_storm_of_alerts_in_one_round(demo_folder: Path) -> None:
    jobs = Jobs.made(ALERTS)
    worst = ALERTS * 3 // 4
    demo = Demo(demo_folder, env=FAST | jobs.env, assistant=False)
    async with demo, ControlClient(demo.url) as phone:
        await phone.limits(on=True)
        await phone.fault("latency", seconds=0.2, times=None)
        await phone.fault("html", method="editmessagetext", times=2)
        jobs.write(demo.layout.database)
        jobs.fail(demo.layout.database, range(ALERTS))
        jobs.fail(demo.layout.database, [worst], nights=2)
        await demo.start_assistant()
        storm = await phone.wait_for(SHOP_TEAM, _is_storm, timeout=120)
        seen_at = time.time()
        assert jobs.name(worst) in storm["text"].splitlines()[1]
        [(opened, rounds)] = _rows(
            demo, "SELECT min(opened_at), count(DISTINCT opened_at) FROM alerts"
        )
        assert rounds == 1, "not one round"
        shown_after = seen_at - _seconds(opened)
        assert shown_after < SHOWN_WITHIN

        await asyncio.sleep(STORM_SECONDS)  # the pace of real time is what the test is about
        messages = len(await _ours(phone))
        log.info("on show after %.2f s, %d message(s)", shown_after, messages)
        assert messages <= MOST_MESSAGES
        opened_ids = {row[0] for row in _rows(demo, OPEN)}
        assert len(opened_ids) == ALERTS
        assert opened_ids == {row[0] for row in _rows(demo, SHOWN)}, "not all are on show"

        jobs.succeed(demo.layout.database, range(ALERTS))
        await phone.wait_for(
            SHOP_TEAM,
            lambda one: one["message_id"] == storm["message_id"] and one["text"][0] == "✅",
            timeout=120,
        )
        assert (await phone.calls())["refused_by_limits"] == 0


SHOWN = """
SELECT m.alert_id FROM digest_members AS m JOIN posts AS p ON p.id = m.post_id
WHERE p.message_id IS NOT NULL
UNION SELECT alert_id FROM posts WHERE kind = 'card' AND message_id IS NOT NULL
"""


async def test_alerts_that_open_and_heal_while_telegram_is_away(demo_folder: Path) -> None:
    jobs = Jobs.made(7 + 4 * TURNS)
    demo = Demo(demo_folder, env=FAST | jobs.env, assistant=False)
    async with demo, ControlClient(demo.url) as phone:
        await phone.limits(on=True)
        shop = demo.layout.database
        jobs.write(shop)
        jobs.fail(shop, range(3))
        await demo.start_assistant()
        await _until_shown(phone, {jobs.name(number) for number in range(3)}, within=60)

        await phone.outage(on=True)
        await _live_through(jobs, shop, OUTAGE_SECONDS)
        left = {jobs.name(number) for number in (2, *STAYING)}
        await _until_open(demo, left)
        await phone.outage(on=False)

        back = time.monotonic()
        await _until_shown(phone, left, within=BACK_WITHIN)
        log.info("the chat shows what is true %.1f s after the end", time.monotonic() - back)
        assert (await phone.calls())["refused_by_limits"] == 0
        digests = [one for one in await _ours(phone) if one["text"].startswith("📭")]
        assert len(digests) <= 1


async def _live_through(jobs: Jobs, shop: Path, seconds: float) -> None:
    """Two of the first three heal; others fail and recover, four at a time; four fail to stay."""
    for turn in range(TURNS):
        passing = range(7 + turn * 4, 11 + turn * 4)
        jobs.fail(shop, passing)
        await asyncio.sleep(seconds / TURNS)  # the length of the outage is what this is about
        jobs.succeed(shop, passing)
    jobs.succeed(shop, range(2))
    jobs.fail(shop, STAYING)


def _is_storm(message: Json) -> bool:
    return bool(message["out"]) and message["text"].startswith("⚡")


async def _ours(phone: ControlClient) -> list[Json]:
    return [one for one in await phone.messages(SHOP_TEAM) if one["out"]]


async def _until_shown(phone: ControlClient, jobs: set[str], *, within: float) -> None:
    """Wait until the chat shows just these as failed: by a card, or by a line in a storm."""
    async with asyncio.timeout(within):
        while True:
            last = (await phone.call("GET", "world"))["last"]
            red = [one["text"] for one in await _ours(phone) if one["text"][0] not in "✅📭"]
            shown = {job for text in red for job in re.findall(r"(job_\d+) failed", text)}
            if shown == jobs:
                return
            await phone.events(last, wait=1)


async def _until_open(demo: Demo, jobs: set[str]) -> None:
    """Wait until these are open and no other: the round after the last change."""
    async with asyncio.timeout(60):
        while {row[0] for row in _rows(demo, OPEN_JOBS)} != jobs:  # noqa: ASYNC110  # a file has no event
            await asyncio.sleep(0.1)


def _rows(demo: Demo, query: str) -> list[tuple[Any, ...]]:
    with closing(
        sqlite3.connect(f"file:{demo.layout.state_database}?mode=ro", uri=True, timeout=20)
    ) as connection:
        return connection.execute(query).fetchall()


def _seconds(stored: str) -> float:
    return datetime.fromisoformat(stored).replace(tzinfo=UTC).timestamp()
