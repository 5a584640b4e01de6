"""What no chat could show goes another way: over real HTTP, and to a real little SMTP server."""

import email
import email.policy
import json
import logging
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.core import cards
from bot.core.book import Book
from bot.core.model import Reading, Severity, fires, ok, phrase, unknown
from bot.core.ports import Tx
from bot.core.records import PostState
from bot.core.runbook import Runbook
from bot.core.ticks import tick
from bot.core.watch import record
from bot.edges.auditor import Auditor
from bot.edges.cards import Cards
from bot.edges.fallback import Mail, Undelivered, WayOut, Webhook
from bot.edges.formats import size
from bot.edges.store import SqlStore
from bot.edges.templates import Templates
from tests import fakes
from tests.conftest import Clock
from tests.edges.postman import Postman

HEADLINE = f"The database is {size(5_600_000_000)}, the limit is {size(5_000_000_000)}"
SICK = fires("shop database", Severity.ERROR, **fakes.FULL)
WELL = ok("shop database", **fakes.SLIM)


@dataclass
class Listener:
    """A web server that keeps what it is posted."""

    status: int = 200
    got: list[dict[str, object]] = field(default_factory=list)
    url: str = ""
    asked: int = 0

    async def take(self, request: web.Request) -> web.Response:
        self.asked += 1
        if self.status == 200:
            self.got.append(json.loads(await request.text()))
        return web.Response(status=self.status)


@pytest.fixture
async def listener() -> AsyncIterator[Listener]:
    listener = Listener()
    app = web.Application()
    app.router.add_post("/hook", listener.take)
    async with TestServer(app) as server:
        listener.url = str(server.make_url("/hook"))
        yield listener


@dataclass
class Office:
    """Real tables, and an auditor with the ways out that a test gives it."""

    store: SqlStore
    book: Book
    runbook: Runbook
    clock: Clock
    templates: Templates
    auditor: Auditor = field(init=False)

    def __post_init__(self) -> None:
        self.employ()

    def employ(self, *ways: WayOut) -> None:
        made = Cards(templates=self.templates, book=self.book)
        self.auditor = Auditor(store=self.store, line=made.alert_line, clock=self.clock, ways=ways)

    async def sees(self, *readings: Reading) -> None:
        now = self.clock()
        await self.store.write(lambda tx: record(tx, self.book, self.runbook, readings, now))

    async def later(self, **span: float) -> None:
        self.clock.forward(**span)
        await self.auditor.look()

    async def shown(self, state: PostState = PostState.SHOWN) -> None:
        def show(tx: Tx) -> None:
            for post in tx.posts.of_alert(1):
                tx.posts.save(replace(post, state=state, message_id=7, shown=post.wanted))

        await self.store.write(show)


@pytest.fixture
async def office(
    store: SqlStore, book: Book, runbook: Runbook, clock: Clock
) -> AsyncIterator[Office]:
    templates = Templates(zone=ZoneInfo("Europe/Moscow"), clock=clock)
    office = Office(store, book, runbook, clock, templates)
    yield office
    await office.auditor.aclose()


async def test_an_alert_that_nobody_saw_is_posted_once(office: Office, listener: Listener) -> None:
    office.employ(Webhook(url=listener.url))
    await office.sees(SICK)
    await office.later(minutes=9)
    assert listener.got == []

    await office.later(minutes=2)
    await office.later(minutes=2)
    assert listener.got == [
        {
            "alert_id": 1,
            "check": "check_db_growth",
            "subject": "shop database",
            "severity": "error",
            "headline": HEADLINE,
            "opened_at": "2026-11-23T12:00:00+00:00",
            "reason": "",
        }
    ]


async def test_an_alert_that_some_chat_shows_goes_nowhere_else(
    office: Office, listener: Listener
) -> None:
    office.employ(Webhook(url=listener.url))
    await office.sees(SICK)
    await office.shown()
    await office.later(hours=1)
    assert listener.got == []
    assert office.auditor.undelivered_count == 0


async def test_a_card_in_a_chat_that_was_given_up_counts_as_unseen(
    office: Office, listener: Listener
) -> None:
    office.employ(Webhook(url=listener.url))
    await office.sees(SICK)
    await office.shown(PostState.DEAD)
    await office.later(minutes=11)
    assert len(listener.got) == 1


async def test_what_is_over_before_anybody_saw_it_is_no_matter(
    office: Office, listener: Listener
) -> None:
    office.employ(Webhook(url=listener.url))
    await office.sees(SICK)
    await office.sees(WELL)
    await office.later(hours=1)
    assert listener.got == []


async def test_a_reminder_that_no_chat_got_counts(office: Office, listener: Listener) -> None:
    office.employ(Webhook(url=listener.url))
    await office.sees(SICK)
    await office.shown()
    now = office.clock()
    await office.store.write(lambda tx: tick(tx, office.book, now + timedelta(minutes=16)))
    await office.later(minutes=20)
    assert listener.got == []
    await office.later(minutes=10)
    assert len(listener.got) == 1


async def test_a_new_episode_is_told_again(office: Office, listener: Listener) -> None:
    office.employ(Webhook(url=listener.url))
    await office.sees(SICK)
    await office.later(minutes=11)
    await office.sees(WELL)
    office.clock.forward(minutes=1)
    await office.sees(SICK)
    await office.later(minutes=11)
    assert len(listener.got) == 2


async def test_a_refusal_is_tried_again_until_it_is_taken(
    office: Office, listener: Listener, caplog: pytest.LogCaptureFixture
) -> None:
    office.employ(Webhook(url=listener.url))
    listener.status = 503
    await office.sees(SICK)
    await office.later(minutes=11)
    await office.later(seconds=10)
    listener.status = 200
    await office.later(seconds=10)
    await office.later(seconds=10)
    assert len(listener.got) == 1
    failures = [line for line in caplog.messages if "fallback failed" in line]
    assert len(failures) == 1  # the same trouble is said once
    assert listener.url not in caplog.text


async def test_a_way_out_that_stays_dead_is_tried_ever_more_rarely(
    office: Office, listener: Listener
) -> None:
    office.employ(Webhook(url=listener.url))
    listener.status = 503
    await office.sees(SICK)
    await office.later(minutes=11)
    for _ in range(360):
        await office.later(seconds=10)
    assert 12 <= listener.asked <= 16, "an hour: about every five minutes"
    listener.status = 200
    for _ in range(30):
        await office.later(seconds=10)
    assert len(listener.got) == 1


async def test_it_is_logged_once_with_the_alert_and_counted(
    office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    await office.sees(SICK, fires("other database", Severity.WARNING, **fakes.FULL))
    await office.later(minutes=11)
    await office.later(minutes=11)
    lines = [one for one in caplog.records if one.levelno == logging.ERROR]
    assert [line.alert for line in lines] == [1, 2]  # type: ignore[attr-defined]  # `extra`
    assert office.auditor.undelivered_count == 2
    assert office.auditor.undelivered_now == 2


async def test_a_mail_names_all_that_is_new(office: Office, postman: Postman) -> None:
    url = f"smtp://bot%40shop.example:p%40ss@127.0.0.1:{postman.port}"
    office.employ(Mail(smtp_url=url, to="oncall@shop.example", templates=office.templates))
    await office.sees(SICK, fires("other database", Severity.WARNING, **fakes.FULL))
    await office.later(minutes=11)
    await office.later(minutes=1)
    [letter] = postman.letters
    read = email.message_from_string(letter, policy=email.policy.default)
    assert read["To"] == "oncall@shop.example"
    assert read["From"] == "bot@shop.example"
    assert "2 alerts" in read["Subject"]
    text = read.get_content()
    assert "#1 ERROR" in text
    assert "#2 WARNING" in text
    assert len(postman.logins) == 1


async def test_a_mail_that_is_refused_is_sent_later(office: Office, postman: Postman) -> None:
    url = f"smtp://127.0.0.1:{postman.port}"
    office.employ(Mail(smtp_url=url, to="oncall@shop.example", templates=office.templates))
    postman.refuses = True
    await office.sees(SICK)
    await office.later(minutes=11)
    assert postman.letters == []
    postman.refuses = False
    await office.later(seconds=10)
    await office.later(seconds=10)
    assert len(postman.letters) == 1


async def test_one_dead_way_out_stops_no_other(office: Office, listener: Listener) -> None:
    dead = Mail(smtp_url="smtp://127.0.0.1:1", to="a@b.example", templates=office.templates)
    office.employ(dead, Webhook(url=listener.url))
    await office.sees(SICK)
    await office.later(minutes=11)
    assert len(listener.got) == 1


async def test_a_headline_cannot_add_a_header(office: Office) -> None:
    mail = Mail(smtp_url="smtp://127.0.0.1", to="a@b.example", templates=office.templates)
    alert = Undelivered(
        alert_id=1,
        check="check",
        subject="x",
        severity="error",
        headline="evil\r\nBcc: all@example.com",
        opened_at=office.clock(),
        reason="",
    )
    letter = mail.letter([alert])
    await mail.aclose()
    assert letter["Bcc"] is None
    assert "\n" not in letter["Subject"]


async def test_an_alert_without_a_line_of_its_own_keeps_no_other_back(
    office: Office, listener: Listener
) -> None:
    """One of a check that this release does not have, and one with the facts of an older one."""

    def leave(tx: Tx) -> None:
        older = fires("older", Severity.ERROR, a_fact_of_old=1)
        for check in ("check_gone", "check_db_growth"):
            alert = tx.alerts.add(check, older, office.clock())
            cards.give(tx, office.book.policy, alert, office.clock())

    office.employ(Webhook(url=listener.url))
    await office.store.write(leave)
    await office.sees(SICK, unknown("older", phrase("shop_locked", path="x")))
    await office.later(minutes=11)
    assert [one["headline"] for one in listener.got] == [
        "older: no check looks at it any more",
        "check_db_growth: older",
        HEADLINE,
    ]
