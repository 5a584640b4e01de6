"""A wide shop where everything may be done: real files where the work is on files."""

from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import cast

from bot.core.access import Access
from bot.core.desk import Desk
from bot.core.job import Arg, Job
from bot.core.keyboard import of_run
from bot.core.letters import Letter, Whom
from bot.core.model import Alert, Facts, Json, Phrase, phrase
from bot.core.records import Run, RunState
from bot.core.runbook import Guard
from bot.core.runner import Runner
from bot.core.tools import (
    ActionTools,
    Sample,
    Service,
    ServiceControl,
    ServiceState,
    UnitState,
    WebAdmin,
)
from bot.core.verbs import Verb
from bot.core.watch import Watch
from bot.core.wish import Wish
from bot.edges.shop import open_edits, open_shop
from bot.edges.shop.maintenance import SqliteMaintenance
from checks._api_look import SCRAPES
from checks._memory import remember
from checks._scrapes import SHAPE, Scrape
from tests.checks.fakes import FakeMemory, FakeWeb
from tests.checks.test_api_latency_p95 import FAST, SLOW, Api
from tests.conftest import NOON, TEAM
from tests.edges.archive.helpers import archive
from tests.machine import STATES, ports
from tests.remediations.fakes import FakeJobs, FakeNotifier
from tests.snapshots import shops
from tests.snapshots.stage import KOSTYA, OLGA, Stage

RESULT: Facts = {"rows_inserted": 123_456_789_012, "note": "<b>done</b> & well"}


# Sizes, counts and seconds are small here, or of this machine: people may see these.
SIZES = {
    "frees": 11_234_567_890_123,
    "free": 20_012_345_678_901,
    "after": 98_765_432_109,
    "memory": 98_765_432_109,
    "": 12_345_678_901_234,
}
COUNTS = {"rows", "stay", "left", "removed", "added", "there", "kept", "in_table", "changed"}
TIMES = 205_761_315  # 600 rows are twelve digits
SECONDS = 86_340  # 23 h 59 min
LASTING = {"seconds", "about_seconds", "window_sec", "measured_sec"}
MS = 1_999.4  # one more is given up on


def widest(run: Run) -> Run:
    """The same run of a shop that is as large as it may get, on a slow disk."""
    return replace(
        run,
        before=_wide(run.before),
        after=_wide(run.after),
        progress=_wide(run.progress),
        found=None if run.found is None else _wide(run.found),
    )


def _wide(facts: Facts) -> dict[str, Json]:
    counts = COUNTS
    if str(facts.get("phase")).startswith("archive"):
        counts = COUNTS | {"done", "total"}
    return {name: _widened(name, value, counts) for name, value in facts.items()}


def _widened(name: str, value: Json, counts: set[str]) -> Json:
    if name == "timings" and isinstance(value, Mapping):
        return {one: None if one == "reconciled" else MS for one in value}
    if isinstance(value, Mapping):
        return _wide(value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return value
    if name.endswith("bytes"):
        return next(size for word, size in SIZES.items() if word in name)
    if name in counts:
        return value * TIMES
    return SECONDS if name in LASTING else value


@dataclass
class Units:
    """Services that are another start of themselves after a restart."""

    states: dict[Service, ServiceState] = field(default_factory=lambda: dict(STATES))
    own_run_id: str | None = STATES[Service.SELF].run_id
    ended: Callable[[], None] = lambda: None

    async def state(self, service: Service) -> ServiceState:
        return self.states[service]

    async def restart(self, service: Service) -> ServiceState:
        old = self.states[service]
        again = replace(old, running=True, detail="active (running)", run_id=f"{old.run_id}+")
        self.states[service] = replace(again, memory_bytes=98_000_000)
        return self.states[service]

    async def hand_over(self, service: Service) -> None:
        await self.restart(service)
        self.ended()

    stopped: bool = False

    async def unit_state(self, unit: str) -> UnitState:
        detail = "inactive (dead)" if self.stopped else "activating (start)"
        return UnitState(unit=unit, at_work=not self.stopped, detail=detail, since=NOON)

    async def stop_unit(self, unit: str) -> None:
        assert unit
        self.stopped = True

    async def run_unit(self, unit: str) -> None:
        raise AssertionError(unit)


@dataclass
class Busy(FakeWeb):
    """A web API with many requests, slow ones until its caches are cleared."""

    api: Api = field(default_factory=Api)
    seconds: float = SLOW

    async def scrape(self, names: Collection[str]) -> Sequence[Sample]:
        self.api.serve(1_234, self.seconds)
        self.answer = self.api.metrics()
        return await FakeWeb.scrape(self, names)

    async def clear_cache(self) -> Facts:
        self.seconds = FAST
        return {"entries": 123_456}


class Maintenance(SqliteMaintenance):
    """A file that answers what only a server can as one does."""

    async def full_needs(self) -> Facts:
        return {
            "total_bytes": 5_600_000_000,
            "tables": 1_234,
            "largest": "archive_of_the_old_shop.daily_sales_by_warehouse",
            "largest_bytes": 3_100_000_000,
            "disk_free_bytes": 40_000_000_000,
            "lock_seconds": 3.0,
        }

    async def full(self, job: Job) -> Facts:
        await job.progress({"phase": "vacuum_full_works", "done": 617, "total": 1_234})
        return {
            "seconds": 754,
            "before_bytes": 5_600_000_000,
            "after_bytes": 3_100_000_000,
            "tables": 1_228,
            "busy": ["daily_sales", "daily_stock", "job_runs", "pnl_daily", "sku"],
            "busy_count": 6,
        }


@dataclass
class Post:
    """Takes letters, and keeps the last one."""

    payout_days: int = 7
    last: Letter | None = None

    def ways(self, to: Whom) -> tuple[str, ...]:
        return (f"{to.lower()}.department.of.the.company@shop-with-a-long-name.example", "chat")

    async def send(self, letter: Letter) -> Facts:
        self.last = letter
        trouble = phrase("http_refused", where="smtp.example:587")
        said: Facts = {"key": trouble.key, "values": dict(trouble.values)}
        return {"mail": self.ways(letter.to)[0], "chat": -1002, "trouble": said}


@dataclass(kw_only=True)
class Works:
    stage: Stage
    tools: ActionTools
    post: Post
    desk: Desk
    runner: Runner
    wishes: int = 0

    async def wish(
        self, action: str, args: Mapping[str, Arg], alert: Alert | None, origin: Run | None
    ) -> Run:
        """Kostya wants it; then it waits for a yes, or is done where it needs none."""
        self.wishes += 1
        wish = Wish(
            action=action,
            key=f"w{self.wishes}",
            args=args,
            alert=alert,
            origin=origin,
            chat_id=TEAM.chat,
        )
        run = await self.desk.propose(KOSTYA, wish)
        assert isinstance(run, Run), run
        return await self.work(run)

    async def agree(self, run: Run) -> Run:
        two = self.stage.book.remediations[run.action].guard is Guard.TWO_PEOPLE
        self.stage.clock.forward(seconds=20)
        said = await self.desk.decide(OLGA if two else KOSTYA, Verb.CONFIRM, run.id)
        assert isinstance(said, Phrase)
        return await self.work(run)

    async def work(self, run: Run) -> Run:
        for one in await self.runner.pending():
            await self.runner.handle(one)
        found = await self.stage.store.read(lambda tx: tx.runs.get(run.id))
        assert found is not None
        if found.state is RunState.HANDED_OVER:
            await self.show("handed over", found)
            await self.runner.confirm(found)
            found = await self.stage.store.read(lambda tx: tx.runs.get(run.id))
        assert found is not None
        return found

    async def job(self, run: Run) -> Job:
        return await self.runner._job(run)  # noqa: SLF001  # what a probe after a crash is given

    async def show(self, name: str, run: Run) -> None:
        """The run's message, with its buttons, at its widest."""
        run = widest(run)
        now = self.stage.clock()
        text = await self.stage.store.read(lambda tx: self.stage.cards.run_text(tx, run, now))
        self.stage.sheet.add(name, text, of_run(run, self.stage.book.remediations[run.action]))


@asynccontextmanager
async def works(stage: Stage, folder: Path) -> AsyncIterator[Works]:
    path = shops.copy(folder / "shop.db", shops.WIDE)
    url, sql = f"sqlite:///{path}", stage.cards.templates.sql
    shop, units, post, web = open_shop(url, sql=sql), Units(), Post(), Busy()
    earlier = Scrape(at=stage.clock() - timedelta(seconds=280), buckets={})
    memory = FakeMemory()
    await remember(memory, SCRAPES, SHAPE, [earlier])
    shelf = archive(path, folder / "archive")
    tools = ActionTools(
        shop=shop,
        web=web,
        services=units,
        memory=memory,
        maintenance=Maintenance(path),
        archives=shelf,
        archive=shelf,
        web_admin=cast("WebAdmin", web),
        control=cast("ServiceControl", units),
        notifier=FakeNotifier({"chats": 12}),
        jobs=FakeJobs(
            {"result": RESULT, "outliers_found": 123_456},
            units={"collect": "sovani-collect-of-the-second-shop@{date}.service"},
        ),
        letters=post,
        edits=open_edits(url, sql=sql),
        **ports(),
    )
    store, book, clock = stage.store, stage.book, stage.clock
    watch = Watch(store=store, tools=tools, book=book, clock=clock, wake=lambda: None)

    async def no_sleep(_seconds: float) -> None: ...

    runner = Runner(
        store=store,
        book=book,
        tools=tools,
        watch=watch,
        clock=clock,
        wake=lambda: None,
        sleep=no_sleep,
    )
    units.ended = runner.end
    access = Access(admins={KOSTYA.id, OLGA.id}, managers=(), viewers=(), chats={TEAM.chat})
    desk = Desk(store=store, book=book, access=access, clock=clock, wake=lambda: None)
    yield Works(stage=stage, tools=tools, post=post, desk=desk, runner=runner)
    await shop.close()
