"""Crowds of alerts and a long outage, with the real tables, courier, limits and HTTP.

A minute passes at once: the emulator, the courier and the alerts share one clock that the test
moves, and the courier's waits move it too.
"""

import time
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from bot.core.book import Book
from bot.core.model import Alert, Reading, Severity, fires, ok
from bot.core.policy import Policy
from bot.core.runbook import Runbook
from bot.edges.store import SqlStore
from bot.settings_types import ChatRef
from demo.telegram import SHOP_TEAM, Json
from tests import fakes
from tests.conftest import Clock
from tests.edges.telegram.office import Office, at_work, on_the_clock

CROWD = 1000
WORST = 777
SEEN_WITHIN = 3.0  # seconds of real time until the worst alert is on show


@pytest.fixture
def policy(policy: Policy) -> Policy:
    """One group gets everything."""
    return replace(policy, admin_chat=ChatRef(SHOP_TEAM), alert_chats=(ChatRef(SHOP_TEAM),))


@pytest.fixture
async def office(
    store: SqlStore, book: Book, runbook: Runbook, clock: Clock
) -> AsyncIterator[Office]:
    async with (
        on_the_clock(clock) as emulator,
        at_work(store, book, runbook, clock, emulator) as office,
    ):
        await office.phone.limits(on=True)
        yield office


def sick(number: int) -> Reading:
    severity = Severity.CRITICAL if number == WORST else Severity.WARNING
    return fires(f"db {number}", severity, **fakes.FULL)


def well(number: int) -> Reading:
    return ok(f"db {number}", **fakes.SLIM)


async def open_alerts(office: Office) -> list[Alert]:
    return await office.store.read(lambda tx: list(tx.alerts.open()))


async def nobody_was_refused(office: Office) -> bool:
    return int((await office.phone.calls())["refused_by_limits"]) == 0


async def messages(office: Office) -> list[Json]:
    return await office.phone.messages(SHOP_TEAM)


async def test_a_thousand_alerts_in_one_round(office: Office, clock: Clock) -> None:
    began, start = clock(), time.monotonic()
    await office.sees(*(sick(number) for number in range(CROWD)))
    await office.deliver(30)
    shown_after = time.monotonic() - start
    [storm] = await office.chat()
    lines = storm["text"].splitlines()
    assert "1 000 new alerts in a minute" in storm["text"].replace("\u202f", " ")
    assert lines[1].startswith(f"🔴 #{WORST + 1} ")
    assert shown_after < SEEN_WITHIN

    while (clock() - began).total_seconds() < 60:
        clock.forward(seconds=5)
        await office.deliver(30)
    assert len(await office.chat()) <= 10
    assert await nobody_was_refused(office)

    assert len(await open_alerts(office)) == CROWD
    now = clock()
    assert await office.store.read(lambda tx: dict(tx.posts.undelivered(now))) == {}
    await office.sees(*(well(number) for number in range(CROWD)))
    clock.forward(seconds=11)
    await office.deliver(30)
    [storm] = await office.chat()
    assert storm["text"].startswith("✅ ")
    assert await nobody_was_refused(office)


async def test_a_thousand_alerts_over_a_minute(office: Office, clock: Clock) -> None:
    for round_ in range(1, 21):
        await office.sees(*(sick(number) for number in range(round_ * CROWD // 20)))
        clock.forward(seconds=3)
        await office.deliver(30)
    assert len(await office.chat()) <= 10
    assert await nobody_was_refused(office)
    clock.forward(seconds=11)
    await office.deliver(30)
    texts = [message["text"].replace("\u202f", " ") for message in await office.chat()]
    assert any("1 000 new alerts" in text for text in texts)
    assert any(f"#{WORST + 1} " in text for text in texts)


async def test_ten_minutes_without_telegram(office: Office, clock: Clock) -> None:
    await office.sees(*(sick(number) for number in range(4)))
    await office.deliver()
    await office.phone.outage(on=True)
    for minute in range(10):
        # Those of the beginning heal, some come and go, a few come and stay.
        ill = [sick(number) for number in range(4 if minute < 5 else 0)]
        passing = [sick(100 + minute * 3 + number) for number in range(3)]
        staying = [sick(200 + number) for number in range(minute)]
        await office.sees(*ill, *passing, *staying)
        await office.deliver()
        clock.forward(minutes=1)
    await office.sees(*(sick(200 + number) for number in range(9)))
    await office.phone.outage(on=False)
    back = clock()

    while not await as_it_is(office):
        assert (clock() - back).total_seconds() < 60
        clock.forward(seconds=1)
        await office.deliver()
    assert await nobody_was_refused(office)
    texts = [message["text"] for message in await office.chat()]
    assert sum(text.startswith("📭") for text in texts) == 1
    assert sum("sent again" in text for text in texts) <= 1


async def as_it_is(office: Office) -> bool:
    """Whether the chat shows each open alert as open, and none that is over."""
    cards = [one["text"] for one in await office.chat() if "Database growth · #" in one["text"]]
    shown = {text.rpartition("#")[2].split()[0]: text for text in cards}
    red = {int(number) for number, text in shown.items() if not text.startswith("✅")}
    return red == {alert.id for alert in await open_alerts(office)}
