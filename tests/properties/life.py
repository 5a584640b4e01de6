"""The engine on real tables, in a world where anything may happen between two writes.

Time, Telegram, people and the power switch are in hypothesis's hands. When the process dies, all
that was in memory is gone, and a new one begins on the same tables.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from bot.core import desk_todo, due, quiet, reports, sight, todo_changes, todo_reminders
from bot.core.access import Access
from bot.core.book import Book
from bot.core.desk import Desk
from bot.core.desk_todo import Wanted
from bot.core.job import Job
from bot.core.model import Facts, Person, Reading, Severity
from bot.core.policy import Policy
from bot.core.ports import Tx
from bot.core.press import Hand, Press
from bot.core.question import Page, Table
from bot.core.records import Post, PostKind, Silence
from bot.core.runbook import Remediation
from bot.core.runner import Runner
from bot.core.ticks import tick
from bot.core.tools import ActionTools
from bot.core.verbs import Verb
from bot.core.watch import Watch
from bot.edges.cards import Cards
from bot.edges.store.tx import SqlTx
from bot.edges.tasks import Tasks
from bot.edges.telegram.api import BadMarkup, Draft, File, Gone, Lost, Outcome, Sent
from bot.edges.telegram.courier import Courier
from bot.settings_types import Window
from tests import fakes
from tests.conftest import ADMINS, TEAM, Clock
from tests.properties.tables import Died, Tables

INGEST, CASH, GROWTH = "check_ingest", "check_cash", "check_growth"
CHATS = (TEAM.chat, ADMINS.chat)
ANN = Person(id=7, name="Ann")
VACUUM = "remediate_vacuum_db"
OF_RUNS = (Verb.CONFIRM, Verb.CANCEL, Verb.STOP, Verb.RESUME)
NEVER, LATER = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
PAGE = Page(template="", values={}, table=Table(name="cash", rows=[{"rub": 1}]))
ALWAYS = Window(time(0), time(23, 59, 59))


class Words:
    """Texts are no part of this model, and would cost most of its time."""

    redact = str

    def render(self, name: str, /, **context: Any) -> str:  # noqa: ANN401  # as templates take it
        if name == "_repeat.html.j2":
            return str(context["text"])
        alert = context.get("alert")
        return f"{name} {alert.id}: {alert.state} {alert.version}" if alert else name

    def block(self, name: str, block: str, /, **_context: object) -> str:
        return f"{name} {block}"

    def say(self, value: object) -> str:
        return str(value)


class Unhurried:
    """Telegram's limits have tests of their own."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def clock(self) -> float:
        return self._clock().timestamp()


@dataclass
class Message:
    """What hangs in a chat, and whether it rang when it came."""

    post_id: int
    chat_id: int
    text: str
    loud: bool


@dataclass
class Life:
    """The world, and the process that lives in it for the time being."""

    path: Path
    automatic: bool = False
    clock: Clock = field(default_factory=Clock)
    world: fakes.World = field(default_factory=fakes.World)
    acted: Counter[str] = field(default_factory=Counter)
    chat: dict[int, Message] = field(default_factory=dict)
    excuses: Counter[int] = field(default_factory=Counter)  # answers of each post that were lost
    taps: int = 0
    reports: int = 0
    seen: int = -1  # rows that had been changed at the last tick
    looked: datetime = NEVER
    due: datetime | None = None  # as the last tick had it

    def __post_init__(self) -> None:
        self._born()

    def _born(self) -> None:
        self.tables = Tables(self.path)
        self.book = Book(
            runbooks={
                INGEST: fakes.runbook(name=INGEST, automatic=None),
                CASH: fakes.runbook(name=CASH, automatic=None, depends_on=[INGEST]),
                GROWTH: fakes.runbook(name=GROWTH, hold=timedelta(minutes=1)),
            },
            remediations={VACUUM: self._vacuum()},
            policy=Policy(
                admin_chat=ADMINS,
                alert_chats=(TEAM,),
                zone=ZoneInfo("Europe/Moscow"),
                maintenance=ALWAYS,
                automatic=self.automatic,
                storm_per_minute=1000,
            ),
            sight=sight.runbook(self.tables),
        )
        self.watch = Watch(
            store=self.tables,
            tools=fakes.tools(self.world),
            book=self.book,
            clock=self.clock,
            wake=_nobody,
        )
        self.runner = Runner(
            store=self.tables,
            tools=fakes.tools(self.world),
            book=self.book,
            watch=self.watch,
            clock=self.clock,
            wake=_nobody,
            sleep=self._sleep,
        )
        self.desk = Desk(
            store=self.tables,
            book=self.book,
            access=Access(admins={ANN.id}, managers=(), viewers=(), chats=CHATS),
            clock=self.clock,
            wake=_nobody,
        )
        self.courier = Courier(
            bot=None,  # type: ignore[arg-type]  # requests are answered here
            store=self.tables,
            cards=Cards(templates=Words(), book=self.book),  # type: ignore[arg-type]  # a stand-in
            pace=Unhurried(self.clock),  # type: ignore[arg-type]  # likewise
            tasks=Tasks(),
            clock=self.clock,
            sleep=self._sleep,
        )

    def _vacuum(self) -> Remediation:
        [made] = fakes.remediations()

        async def act(tools: ActionTools, job: Job) -> Facts:
            self.acted[job.key] += 1
            return await made.act(tools, job)

        return replace(
            made, act=act, settle=timedelta(seconds=2), cancellable=True, resumable=True
        )

    async def _sleep(self, seconds: float) -> None:
        self.clock.forward(seconds=seconds)

    # What may happen

    async def dies(self) -> None:
        """Everything in memory is gone; another process takes over."""
        self.tables.close()
        self.seen = -1
        self._born()
        await self.courier.recover()
        await self.runner.recover()

    async def round(self, check: str, readings: Sequence[Reading] | Exception) -> None:
        self.world.readings = readings
        await self.watch.round(self.book.runbooks[check])

    async def tick(self) -> None:
        """One that nothing announced finds nothing to do: the product leaves those out."""
        now = self.clock()
        announced = (
            self.tables.rows != self.seen or now < self.looked or (self.due or LATER) <= now
        )

        def look(tx: Tx) -> int:
            count = self.desk.tidy(tx, now) + tick(tx, self.book, now)
            count += todo_reminders.remind(tx, self.book.policy, now)
            self.due = due.next_at(tx, self.book.policy, now, timedelta(0))
            return count

        count = await self.tables.write(look)
        self.looked, self.seen = now, -1 if count else self.tables.rows
        assert announced or count == 0, "due, and nothing had said so"

    async def passes(self, minutes: int) -> None:
        for _ in range(minutes):
            self.clock.forward(minutes=1)
            await self.tick()

    async def silence(self, check: str | None, severity: Severity, minutes: int) -> None:
        now = self.clock()
        wanted = Silence(
            id=0,
            check=check,
            subject=None,
            severity=severity,
            by_name=ANN.name,
            by_id=ANN.id,
            why="",
            created_at=now,
            until=now + timedelta(minutes=minutes),
        )
        await self.tables.write(lambda tx: tx.silences.add(wanted))

    async def unsilence(self) -> None:
        now = self.clock()

        def end(tx: SqlTx) -> None:
            for one in tx.silences.active(now):
                tx.silences.end(one.id, ANN.name, now)

        await self.tables.write(end)

    async def step_of_people(self, minutes: int) -> None:
        """Somebody puts a step on the checklist, of an open alert where there is one."""
        self.taps += 1
        now, key = self.clock(), f"typed:{self.taps}"

        def add(tx: SqlTx) -> None:
            alert = next(iter(tx.alerts.open()), None)
            due_at = now + timedelta(minutes=minutes)
            wanted = Wanted(key=key, text="x", alert=alert, due_at=due_at, chat_id=TEAM.chat)
            desk_todo.add(Hand(tx, self.book, ANN, now), wanted)

        await self.tables.write(add)

    async def tap(self, verb: Verb, number: int) -> None:
        """Press a button of one of the messages in the chats."""
        kind = PostKind.RUN if verb in OF_RUNS else PostKind.CARD
        kind = PostKind.TODO if verb in todo_changes.ITEM_VERBS else kind
        there = [one for one in self.tables.posts() if one.kind is kind and one.message_id]
        if not there:
            return
        post = there[number % len(there)]
        arg = {Verb.DO: VACUUM}.get(verb, str(post.run_id) if verb in OF_RUNS else "")
        arg = f"{post.item_id} 0" if kind is PostKind.TODO else arg
        until = self.clock() + timedelta(days=1)
        token = await self.tables.write(
            lambda tx: tx.buttons.issue(post.id, verb, arg, expires_at=until)
        )
        self.taps += 1
        press = Press(
            id=f"q{self.taps}",
            who=ANN,
            chat_id=post.chat_id,
            message_id=post.message_id or 0,
            topic_id=None,
            token=token,
        )
        await self.desk.press(press)

    async def report(self) -> None:
        """A page with a table is due by the calendar."""
        self.reports += 1
        now, key = self.clock(), f"report {self.reports}"
        await self.tables.write(lambda tx: reports.post(tx, TEAM, PAGE, "week", key, now))

    async def work(self) -> None:
        """Carry out what waits: pre-flights and remediations."""
        for run in await self.runner.pending():
            await self.runner.handle(run)

    async def deliver(self, answers: Sequence[Outcome] = (), *, most: int = 1000) -> int:
        """Let the courier make requests, answered as given and then well; say how many."""
        left = list(answers)
        made = 0
        for chat_id in CHATS:
            while made < most and await self._show_next(chat_id, left):
                made += 1
        return made

    async def _show_next(self, chat_id: int, answers: list[Outcome]) -> bool:
        now = self.clock()
        job = await self.tables.write(lambda tx: self.courier._claim(tx, chat_id, now))  # noqa: SLF001  # the courier's own two halves
        if job is None:
            return False
        if job.unmade:
            self.courier._files[job.post.id] = File(name="cash.xlsx", content=b"")  # noqa: SLF001  # likewise
            return True
        wish = answers.pop(0) if answers else Sent(0)
        outcome = self._hear(job.post, job.draft, wish)
        try:
            await self.tables.write(lambda tx: self.courier._record(tx, job, outcome))  # noqa: SLF001  # likewise
        except Died:
            if not (self.tables.fuse and self.tables.fuse.saved):
                self.excuses[job.post.id] += 1
            raise
        return True

    def _hear(self, post: Post, draft: Draft, wish: Outcome) -> Outcome:
        """What Telegram makes of a request; an answer that cannot be given to it is a success."""
        impossible = isinstance(wish, Gone) and draft.message_id is None
        if impossible or (isinstance(wish, BadMarkup) and draft.plain):
            wish = Sent(0)
        if isinstance(wish, Gone):
            self.excuses[post.id] += 1  # somebody deleted it: it comes once more
        if not isinstance(wish, Sent | Lost):
            return wish
        if isinstance(wish, Lost):
            self.excuses[post.id] += 1
        number = draft.message_id or len(self.chat) + 1
        if draft.message_id is None:
            loud = not draft.silent
            assert not (loud and self._must_be_quiet(post)), "it rang in spite of a silence"
            self.chat[number] = Message(post.id, draft.chat_id, draft.text, loud)
        else:
            self.chat[number].text = draft.text
        return Sent(number) if isinstance(wish, Sent) else wish

    def _must_be_quiet(self, post: Post) -> bool:
        if post.kind is not PostKind.TODO and post.alert_id is None:
            return False
        alert_id = post.alert_id or 0

        def hushed(tx: SqlTx) -> bool:
            if post.kind is PostKind.TODO:  # it is about no check
                return todo_reminders.hushed(tx, self.book.policy, self.clock()) is not None
            alert = tx.alerts.get(alert_id)
            return bool(alert and quiet.of(tx, self.book.policy, alert, self.clock()))

        return self.tables.look(hushed)


def _nobody() -> None: ...
