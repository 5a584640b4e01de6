"""Scheduled things over a real state database: reports, reviews, actions, jobs; and kills."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

import checks
from bot import questions, remediations, schedules
from bot.core import desk_schedule, enclosed, missed, planned, review, sight
from bot.core.access import Access
from bot.core.book import Book
from bot.core.missed import Missed
from bot.core.model import (
    Moment,
    Person,
    Reading,
    Severity,
    State,
    Unreadable,
    fires,
    ok,
    phrase,
)
from bot.core.planned import Entry, Planned, Plans, Result, Turn
from bot.core.policy import Policy
from bot.core.ports import Tx
from bot.core.press import Hand
from bot.core.question import Asking, Chart, Page
from bot.core.records import Post, PostKind, Run
from bot.core.schedule import SYSTEM, Deed, Scheduled, posted
from bot.core.series import Sample, name_of
from bot.core.tariffs import NoTariffs
from bot.core.timetable import Timetable
from bot.core.tools import DatabaseSize, Tools
from bot.edges.cards import Cards
from bot.edges.schedules import when
from bot.edges.store import SqlStore
from bot.edges.templates import Templates, plain
from tests.checks.fakes import FakeMemory, FakeWeb
from tests.conftest import ADMINS, NOON, TEAM, Clock
from tests.fakes import FakeShop
from tests.machine import FakeMachine, FakeStates, ports

ANN = Person(id=1001, name="Ann")
ACTIONS = remediations.load()
COMMANDS = questions.load(ACTIONS)
Work = Callable[[Asking, Turn], Awaitable[Deed]]


class Sized(FakeShop):
    free = 0

    async def size(self) -> DatabaseSize:
        return DatabaseSize(
            name="shop.db",
            main_bytes=1000,
            wal_bytes=0,
            free_bytes=self.free,
            disk_free_bytes=1,
            disk_total_bytes=1,
        )


class Hall:
    """The assistant between two restarts: the file stays, all else is made anew."""

    def __init__(self, store: SqlStore, clock: Clock, policy: Policy, **works: Work) -> None:
        self.store, self.clock = store, clock
        self.shop = Sized()
        self.tariffs = NoTariffs()
        found = schedules.load()
        found |= {name: _scheduled(name, work) for name, work in works.items()}
        self.scheduled = {name: found[name] for name in works} if works else found
        zone = policy.zone
        runbooks = checks.load({})
        self.book = Book(
            runbooks=runbooks,
            remediations=ACTIONS,
            policy=policy,
            sight=sight.runbook(store),
            others={review.NAME: review.runbook(runbooks)},
            plans=Plans(
                zone=str(zone),
                known={
                    name: Planned(
                        name=name,
                        title=one.title,
                        about=one.about,
                        when=when(name, one.when, zone),
                        usual=one.when,
                        now=one.now,
                    )
                    for name, one in self.scheduled.items()
                },
            ),
        )
        self.templates = Templates(zone=zone, clock=clock)
        self.cards = Cards(templates=self.templates, book=self.book)

    @property
    def table(self) -> Timetable:
        return Timetable(
            store=self.store,
            book=self.book,
            scheduled=self.scheduled,
            asking=self.asking,
            clock=self.clock,
            limit=5,
        )

    def asking(self) -> Asking:
        return Asking(
            who=SYSTEM,
            chat_id=ADMINS.chat,
            moment=Moment(now=self.clock(), zone=self.book.policy.zone),
            tools=Tools(
                shop=self.shop,
                web=FakeWeb(),
                services=FakeStates(),
                memory=FakeMemory(),
                tariffs=self.tariffs,
                **ports(FakeMachine()),
            ),
            store=self.store,
            book=self.book,
            access=Access(admins={1001}, managers=(), viewers=(), chats=()),
            args={},
            wording=self.cards,
            commands=COMMANDS,
            interval=timedelta(minutes=5),
        )

    async def look(self) -> list[str]:
        table = self.table
        turns = await table.due()
        for turn in turns:
            await table.do(turn)
        return [turn.name for turn in turns]

    async def entry(self, name: str) -> Entry:
        found = await self.store.read(lambda tx: tx.schedules.get(name))
        assert found is not None
        return found

    async def posts(self, chat: int = TEAM.chat) -> list[Post]:
        def all_of(tx: object) -> list[Post]:
            found = [tx.posts.get(number) for number in range(1, 40)]  # type: ignore[attr-defined]  # a Tx
            return [one for one in found if one is not None and one.chat_id == chat]

        return await self.store.read(all_of)

    async def shown(self, post: Post) -> str:
        page = await self.store.write(lambda tx: self.cards.page(tx, post, self.clock()))
        return plain(page.text)

    async def run(self) -> Run | None:
        return await self.store.read(lambda tx: tx.runs.get(1))

    async def wanted(self, name: str) -> str:
        said = await self.store.write(
            lambda tx: desk_schedule.now(Hand(tx, self.book, ANN, self.clock()), name)
        )
        return said.text.key


def _scheduled(name: str, work: Work) -> Scheduled:
    return Scheduled(name=name, title=name, about="", when="0 9 * * *", work=work)


async def help_page(asking: Asking, turn: Turn) -> Deed:
    values = {"news": {"WB": "https://x"}, "rules": None, "differ": 0}
    page = Page(template="answers/rule_news.html.j2", values=values)
    return posted(asking, turn, page)


async def broken(_asking: Asking, _turn: Turn) -> Deed:
    raise ZeroDivisionError


async def blind(_asking: Asking, _turn: Turn) -> Deed:
    raise Unreadable(phrase("shop_locked", path="shop.db"))


def at(day: int, hour: int, minute: int = 0, month: int = 11) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=UTC)


async def test_a_report_is_posted_once_silently_in_every_alert_chat(
    store: SqlStore, clock: Clock, policy: Policy
) -> None:
    hall = Hall(store, clock, policy, news=help_page)
    assert await hall.look() == []
    clock.now = at(24, 6)
    assert await hall.look() == ["news"]
    assert await hall.look() == []
    [post] = await hall.posts()
    assert (post.kind, post.silent) == (PostKind.REPORT, True)
    page = await store.write(lambda tx: hall.cards.page(tx, post, clock()))
    assert "Have commissions been announced?" in page.text
    assert page.silent
    assert (await hall.entry("news")).result is Result.DONE


async def test_a_report_has_buttons_that_ask_as_an_answer_s_do(
    store: SqlStore, clock: Clock, policy: Policy
) -> None:
    hall = Hall(store, clock, policy, report_weekly=schedules.load()["report_weekly"].work)
    await hall.look()
    clock.now = at(24, 6)
    await hall.look()
    [post] = await hall.posts()
    assert "Week 17 Nov" in await hall.shown(post)
    page = await store.write(lambda tx: hall.cards.page(tx, post, clock()))
    assert [[key.arg for key in row] for row in page.keys] == [
        ["report monthly"],
    ]


async def test_the_weekly_report_has_the_chart_of_growth_under_it(
    store: SqlStore, clock: Clock, policy: Policy
) -> None:
    def grow(tx: Tx) -> None:
        for day in (21, 22, 23):
            size = Sample(name_of("check_db_growth", "total_bytes"), "shop database", day * 1e8)
            tx.series.keep([size], at(day, 12))

    await store.write(grow)
    hall = Hall(store, clock, policy, report_weekly=schedules.load()["report_weekly"].work)
    await hall.look()
    clock.now = at(24, 6)
    await hall.look()
    [text] = await hall.posts()
    await store.write(lambda tx: tx.posts.save(enclosed.follow(tx, text, clock())))
    await store.write(lambda tx: enclosed.follow(tx, text, clock()))  # as after a crash
    text, picture = await hall.posts()
    assert "files" not in text.context
    chart = enclosed.restored(picture.context)
    assert isinstance(chart, Chart)
    assert [one for one in chart.lines["chart_size"] if one == one][-3:] == [2100, 2200, 2300]  # noqa: PLR0124  # NaN is not itself


async def test_killed_before_the_transaction_it_is_done_after_the_start(
    tmp_path: Path, clock: Clock, policy: Policy
) -> None:
    path = tmp_path / "kept.db"
    store = await SqlStore.open(path)
    hall = Hall(store, clock, policy, news=help_page)
    await hall.look()
    clock.now = at(24, 6)
    [turn] = await hall.table.due()  # and here the power fails
    await store.close()
    store = await SqlStore.open(path)
    hall = Hall(store, clock, policy, news=help_page)
    clock.forward(hours=3)
    assert await hall.look() == ["news"]
    await hall.table.do(turn)  # what was taken before is nothing to anybody
    assert len(await hall.posts()) == 1
    await store.close()
    store = await SqlStore.open(path)
    assert await Hall(store, clock, policy, news=help_page).look() == []
    await store.close()


async def test_one_that_fails_stops_no_other_and_says_why(
    store: SqlStore, clock: Clock, policy: Policy, caplog: pytest.LogCaptureFixture
) -> None:
    hall = Hall(store, clock, policy, bad=broken, blind=blind, news=help_page)
    await hall.look()
    clock.now = at(24, 6)
    assert await hall.look() == ["bad", "blind", "news"]
    assert len(await hall.posts()) == 1
    why = [(await hall.entry(name)).why for name in ("bad", "blind", "news")]
    assert [one and one.key for one in why] == ["schedule_broke", "shop_locked", None]
    assert "scheduled work failed" in caplog.text
    assert await hall.look() == []
    clock.forward(minutes=5)
    assert await hall.look() == ["bad", "blind"]


async def test_a_deed_that_fails_in_the_transaction_leaves_nothing_behind(
    store: SqlStore, clock: Clock, policy: Policy
) -> None:
    async def half(asking: Asking, turn: Turn) -> Deed:
        first = await help_page(asking, turn)

        def deed(tx: object, now: datetime) -> object:
            first(tx, now)  # type: ignore[arg-type]  # a Tx
            raise OSError("disk full")

        return deed  # type: ignore[return-value]  # it never returns

    hall = Hall(store, clock, policy, half=half)
    await hall.look()
    clock.now = at(24, 6)
    await hall.look()
    assert await hall.posts() == []
    assert (await hall.entry("half")).result is Result.FAILED


async def test_run_now_does_it_once_for_two_taps_and_the_plan_stays(
    store: SqlStore, clock: Clock, policy: Policy
) -> None:
    hall = Hall(store, clock, policy, news=help_page)
    await hall.look()
    before = (await hall.entry("news")).next_at
    assert [await hall.wanted("news") for _ in range(2)] == ["schedule_wanted"] * 2
    assert await hall.look() == ["news"]
    assert await hall.look() == []
    assert len(await hall.posts()) == 1
    assert (await hall.entry("news")).next_at == before
    assert await hall.wanted("no_such_thing") == "button_unknown"


async def test_what_has_a_guard_of_its_own_is_not_started_by_run_now(
    store: SqlStore, clock: Clock, policy: Policy
) -> None:
    assert await Hall(store, clock, policy).wanted("vacuum") == "button_unknown"


async def vacuum(hall: Hall, free: int, now: datetime) -> Entry:
    hall.clock.now = at(30, 12)
    hall.shop.free = free
    await hall.look()
    hall.clock.now = now
    assert "vacuum" in await hall.look()
    return await hall.entry("vacuum")


FIRST = at(1, 0, 5, month=12)  # 03:05 in Moscow, inside the window


async def test_vacuum_is_started_in_the_window(
    store: SqlStore, clock: Clock, policy: Policy
) -> None:
    hall = Hall(store, clock, replace(policy, automatic=True))
    entry = await vacuum(hall, 250, FIRST)
    run = await hall.run()
    assert run is not None
    assert (run.action, run.asked_by, entry.run_id) == ("remediate_vacuum_db", None, run.id)


async def test_vacuum_is_skipped_for_little_and_says_so(
    store: SqlStore, clock: Clock, policy: Policy
) -> None:
    hall = Hall(store, clock, replace(policy, automatic=True))
    entry = await vacuum(hall, 99, FIRST)
    assert entry.result is Result.SKIPPED
    assert entry.why is not None
    assert hall.templates.say_plain(entry.why).startswith("It would free")
    assert await hall.run() is None


async def test_vacuum_missed_in_the_night_waits_for_the_next_window(
    store: SqlStore, clock: Clock, policy: Policy
) -> None:
    hall = Hall(store, clock, replace(policy, automatic=True))
    entry = await vacuum(hall, 250, at(1, 7, month=12))
    assert (entry.result, entry.next_at) == (Result.WAITS, at(1, 23, 30, month=12))
    assert await hall.run() is None
    clock.now = at(1, 23, 30, month=12)
    assert "vacuum" in await hall.look()
    assert await hall.run() is not None


async def test_vacuum_is_skipped_where_nothing_may_run_by_itself(
    store: SqlStore, clock: Clock, policy: Policy
) -> None:
    entry = await vacuum(Hall(store, clock, policy), 250, FIRST)
    assert (entry.result, entry.why) == (Result.SKIPPED, phrase("automatic_off"))


async def test_the_review_is_an_alert_with_its_report_and_must_be_taken(
    store: SqlStore, clock: Clock, policy: Policy
) -> None:
    hall = Hall(store, clock, policy, review=schedules.load()["review"].work)
    hall.shop.answers = {
        "answers/outliers_sums.sql.j2": [
            {
                "marketplace": "WB",
                "outliers": 7,
                "at_stake_rub": 1234.0,
                "overcharged_rub": 0,
                "judged_rows": 50,
                "total_rows": 50,
            }
        ]
    }
    await hall.look()
    clock.now = at(24, 6)
    assert await hall.look() == ["review"]
    [alert] = await store.read(lambda tx: list(tx.alerts.open(review.NAME)))
    assert (alert.severity, alert.state, alert.subject) == (
        Severity.WARNING,
        State.FIRING,
        "2026-10",
    )
    assert alert.remind_at == clock() + timedelta(hours=1)
    card, report = await hall.posts()
    pages = [await hall.shown(post) for post in (card, report)]
    assert "Review the commissions of October 2026" in pages[0]
    assert "7 outliers" in pages[0]
    assert (report.kind, report.reply_to, report.silent) == (PostKind.NOTICE, card.id, True)
    assert "WB" in pages[1]


USUAL = missed.parse("collect_yesterday_data=collect, recalc_recent_metrics=recalc")


def waiting(store: SqlStore, clock: Clock, policy: Policy, jobs: Sequence[Missed] = USUAL) -> Hall:
    work = schedules.load()["missed_jobs"].work
    return Hall(store, clock, replace(policy, automatic=True, missed_jobs=jobs), missed_jobs=work)


def missing(job: str) -> Reading:
    return fires(job, Severity.WARNING, problem="missed", due=at(24, 2).isoformat())


def with_jobs(hall: Hall, *readings: Reading) -> None:
    async def detect(_tools: object, _moment: object) -> list[Reading]:
        return list(readings)

    name = "check_scheduler_on_time"
    scheduler = replace(hall.book.runbooks[name], detect=detect)
    hall.book = replace(hall.book, runbooks={**hall.book.runbooks, name: scheduler})


async def test_a_missed_job_is_started_once_for_its_due_time(
    store: SqlStore, clock: Clock, policy: Policy
) -> None:
    hall = waiting(store, clock, policy)
    with_jobs(hall, missing("collect_yesterday_data"), missing("recalc_recent_metrics"))
    await hall.look()
    for _ in range(4):
        clock.forward(minutes=1)
        await hall.wanted("missed_jobs")
        await hall.look()
    runs = await store.read(lambda tx: [tx.runs.get(number) for number in (1, 2)])
    assert runs[0] is not None
    assert (runs[0].action, dict(runs[0].args)) == ("remediate_collect", {"date": "2026-11-23"})
    assert runs[1] is None  # the other one shares its lock, and waits for its end
    assert runs[0].key == f"missed:collect_yesterday_data:{at(24, 2).isoformat()}"


async def test_a_job_that_ran_or_is_not_critical_is_not_started(
    store: SqlStore, clock: Clock, policy: Policy
) -> None:
    hall = waiting(store, clock, policy)
    late = fires("collect_yesterday_data", Severity.WARNING, problem="failed", due="x")
    with_jobs(hall, ok("recalc_recent_metrics"), late, missing("newsletter"))
    await hall.look()
    await hall.wanted("missed_jobs")
    await hall.look()
    assert await hall.run() is None
    assert (await hall.entry("missed_jobs")).why == phrase("missed_none")


async def test_jobs_of_other_names_are_started_as_the_setting_says(
    store: SqlStore, clock: Clock, policy: Policy
) -> None:
    jobs = missed.parse("load-sales=collect, figures=recalc:14")
    hall = waiting(store, clock, policy, jobs)
    with_jobs(hall, missing("collect_yesterday_data"), ok("load-sales"), missing("figures"))
    await hall.look()
    await hall.wanted("missed_jobs")
    await hall.look()
    run = await hall.run()
    assert run is not None
    assert (run.action, dict(run.args)) == ("remediate_recalc", {"days": 14})


async def test_a_job_that_nobody_watches_is_named(
    store: SqlStore, clock: Clock, policy: Policy
) -> None:
    hall = waiting(store, clock, policy)
    with_jobs(hall, ok("collect_yesterday_data"), missing("figures"))
    await hall.look()
    await hall.wanted("missed_jobs")
    await hall.look()
    assert await hall.run() is None
    why = (await hall.entry("missed_jobs")).why
    assert why is not None
    said = hall.templates.say_plain(why)
    assert said.startswith("MISSED_JOBS names recalc_recent_metrics, which is not among the jobs")


def test_a_setting_is_read_in_the_zone_of_the_shop() -> None:
    nine = when("X", "0 9 * * *", ZoneInfo("Europe/Moscow"))
    assert nine is not None
    assert nine.due(NOON) == at(24, 6)
    assert planned.settled(
        None, Planned(name="x", title="", about="", when=nine, usual=""), "z", NOON
    ).due == at(24, 6)


async def test_it_says_when_to_look_again(store: SqlStore, clock: Clock, policy: Policy) -> None:
    hall = Hall(store, clock, policy, news=help_page)
    await hall.look()
    due = await hall.table.next_at()
    assert due is not None
    assert due > clock()
    assert due == (await hall.entry("news")).next_at
    clock.now = due
    assert await hall.table.next_at() is None, "what is due is under way"
    assert await hall.look() == ["news"]
    following = await hall.table.next_at()
    assert following is not None
    assert following > due
