"""An archive agreed on by two people in the chat, on a real shop's file, and put back again."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, fields, replace
from datetime import timedelta
from pathlib import Path
from typing import Any, cast

import pytest

from bot.core.access import Access
from bot.core.book import Book
from bot.core.records import Post, PostState, Run, RunState
from bot.core.runner import Runner
from bot.core.tools import ActionTools, Tools
from bot.core.watch import Watch
from bot.edges.archive.moving import Moving
from bot.edges.archive.sqlite_rows import SqliteRows
from bot.edges.archive.work import FileArchive
from bot.edges.cards import Cards
from bot.edges.store import SqlStore
from bot.edges.telegram.keyboards import markup
from bot.edges.templates import Templates, plain
from tests.checks.fakes import spaced
from tests.checks.shop import Shop
from tests.conftest import ADMINS, NOON, TEAM, Clock
from tests.handlers.telegram import ANN, BORIS, SAM, VERA, Phone, texts

OLGA = 1004  # the third admin
FOLDER = "archive"
COUNT = "SELECT COUNT(*), SUM(revenue_gross) FROM daily_sales"


@pytest.fixture
def access() -> Access:
    admins = {ANN, BORIS, OLGA}
    return Access(admins=admins, managers=(), viewers={VERA}, chats={ADMINS.chat, TEAM.chat})


@pytest.fixture
def shop(shop: Shop) -> Shop:
    """With fifty days of half a year ago, four sales each."""
    shop.sell(*(NOON.date() - timedelta(days=200 + n) for n in range(50)))
    return shop


@dataclass(kw_only=True)
class Group:
    """The team's chat: what its run messages show, and who taps what."""

    phone: Phone
    store: SqlStore
    cards: Cards
    clock: Clock
    runner: Runner = field(init=False)
    meanwhile: Callable[[], Awaitable[None]] | None = None  # once, between two batches
    told: list[str] = field(default_factory=list)

    async def rest(self, _seconds: float) -> None:
        """Between two batches of the archive people look, and may tap."""
        self.clock.forward(seconds=3)
        for run in await self.runs(RunState.RUNNING):
            self.told.append((await self.shown(run))[0])
        if hook := self.meanwhile:
            self.meanwhile = None
            await hook()

    async def say(self, who: int, text: str) -> list[str]:
        """Say it in the group; the assistant then does what there is to do."""
        said = texts(await self.phone.say(who, text, TEAM.chat))
        await self.work()
        return [plain(one) for one in said]

    async def work(self) -> None:
        for run in await self.runner.pending():
            await self.runner.handle(run)

    async def runs(self, *states: RunState) -> list[Run]:
        return list(await self.store.read(lambda tx: tx.runs.in_state(*states)))

    async def run(self, number: int = 1) -> Run:
        found = await self.store.read(lambda tx: tx.runs.get(number))
        assert found is not None
        return found

    async def shown(self, run: Run, chat: int = TEAM.chat) -> tuple[str, dict[str, str], Post]:
        """The run's message as the courier would show it now, its buttons and tokens."""
        now = self.clock()

        def work(tx: Any) -> tuple[str, dict[str, str], Post]:  # noqa: ANN401  # the store's transaction
            post = next(one for one in tx.posts.of_run(run.id) if one.chat_id == chat)
            page = self.cards.page(tx, post, now)
            there = replace(post, state=PostState.SHOWN, message_id=900 + post.id)
            tx.posts.save(there)
            made = markup(tx, post.id, page.keys, now, only_user=page.only_user)
            keys = [key for row in made.inline_keyboard for key in row] if made else []
            tokens = {key.text: str(key.callback_data).removeprefix("a1:") for key in keys}
            return spaced(plain(page.text)), tokens, there

        return await self.store.write(work)

    async def tap(self, who: int, label: str, number: int = 1, *, chat: int = TEAM.chat) -> str:
        """Tap a button of a run's message; what the toast says."""
        _, tokens, post = await self.shown(await self.run(number))
        assert post.message_id is not None
        calls = await self.phone.tap(who, chat, post.message_id, tokens[label])
        return texts(calls)[0]


@pytest.fixture
def group(  # noqa: PLR0913, PLR0917  # the whole product meets here
    phone: Phone,
    store: SqlStore,
    book: Book,
    tools: Tools,
    templates: Templates,
    clock: Clock,
    shop: Shop,
    tmp_path: Path,
) -> Group:
    group = Group(
        phone=phone, store=store, cards=Cards(templates=templates, book=book), clock=clock
    )
    rows = SqliteRows(shop.path, sql=templates.sql)
    moving = Moving(rows=rows, rest=group.rest, reserve=0)
    box = FileArchive(moving, tmp_path / FOLDER, shop=shop.path.name, most=50)
    known = {one.name: getattr(tools, one.name) for one in fields(tools)}
    nothing = cast("Any", None)  # an archive touches none of these
    acting = ActionTools(
        **{**known, "archives": box},
        maintenance=nothing,
        web_admin=nothing,
        control=nothing,
        notifier=nothing,
        jobs=nothing,
        edits=nothing,
        archive=box,
    )
    watch = Watch(store=store, tools=acting, book=book, clock=clock, wake=lambda: None)
    group.runner = Runner(
        store=store, book=book, tools=acting, watch=watch, clock=clock, wake=lambda: None
    )
    return group


def counted(shop: Shop) -> tuple[Any, ...]:
    return tuple(shop.select(COUNT)[0])


async def test_one_asks_another_agrees_and_it_comes_back(
    group: Group, shop: Shop, tmp_path: Path
) -> None:
    before = counted(shop)
    assert await group.say(ANN, "/archive 180") == []
    text, tokens, _ = await group.shown(await group.run())
    assert text.startswith("❓ Archive 180 days?\n200 sales of ")
    assert "Ann wants this. Somebody else has to say yes (admin)" in text
    assert list(tokens) == ["Yes: Archive", "Cancel"]
    assert (await group.tap(BORIS, "Yes: Archive")) == "Archive: started."
    await group.work()

    assert any("Removing what is in the file · 100 of 200 (50 %)" in one for one in group.told)
    text, tokens, _ = await group.shown(await group.run())
    assert text.startswith(
        "✅ Archive 180 days is done.\n200 sales removed; 200 are in daily_sales"
    )
    assert "asked for by Ann, confirmed by Boris" in text
    assert list(tokens) == ["Undo", "Run VACUUM"]
    name = str((await group.run()).after["file"])
    assert (tmp_path / FOLDER / f"{name}.jsonl.gz").is_file()
    assert counted(shop)[0] == before[0] - 200

    await group.say(BORIS, f"/restore_archive {name}")
    text, _, _ = await group.shown(await group.run(2))
    assert f"Restore archive {name}?" in text
    assert await group.tap(ANN, "Yes: Restore archive", 2) == "Restore archive: started."
    await group.work()
    text, _, _ = await group.shown(await group.run(2))
    assert "200 of 200 sales put back. The file stays." in text
    assert counted(shop) == before


async def test_one_person_is_not_two(group: Group, shop: Shop) -> None:
    before = counted(shop)
    await group.say(ANN, "/archive 180")
    for _ in range(2):
        said = await group.tap(ANN, "Yes: Archive")
        assert said == "You asked for this, so somebody else has to say yes."
    await group.work()
    assert (await group.run()).state is RunState.PROPOSED
    assert counted(shop) == before


@pytest.mark.parametrize(
    ("who", "said"),
    [(VERA, "Your role is viewer"), (SAM, "You are not on this")],
)
async def test_a_viewer_and_a_stranger_are_no_second_person(
    group: Group, who: int, said: str
) -> None:
    await group.say(ANN, "/archive 180")
    assert (await group.tap(who, "Yes: Archive")).startswith(said)
    assert (await group.run()).state is RunState.PROPOSED


async def test_a_third_person_who_comes_too_late_starts_nothing(
    group: Group, shop: Shop, clock: Clock
) -> None:
    before = counted(shop)
    await group.say(ANN, "/archive 180")
    clock.forward(minutes=10, seconds=1)
    assert "Too late" in await group.tap(OLGA, "Yes: Archive")
    await group.work()
    text, tokens, _ = await group.shown(await group.run())
    assert text == "⌛ Archive 180 days was not confirmed in time. Nothing was done."
    assert tokens == {}
    assert counted(shop) == before


async def test_taps_while_it_runs_start_it_no_second_time(group: Group, shop: Shop) -> None:
    before = counted(shop)
    await group.say(ANN, "/archive 180")
    _, tokens, post = await group.shown(await group.run())
    assert post.message_id is not None
    said: list[str] = []

    async def meanwhile() -> None:
        number = post.message_id or 0
        yes = await group.phone.tap(OLGA, TEAM.chat, number, tokens["Yes: Archive"])
        again = await group.phone.say(OLGA, "/archive 180", TEAM.chat)
        said.extend(one for calls in (yes, again) for one in texts(calls))

    group.meanwhile = meanwhile
    await group.phone.tap(BORIS, TEAM.chat, post.message_id, tokens["Yes: Archive"])
    await group.work()
    assert said[0] == "This was decided already."
    assert said[1].startswith("Archive is already under way, asked for by Ann")
    assert [run.state for run in await group.runs(*RunState)] == [RunState.SUCCEEDED]
    assert counted(shop)[0] == before[0] - 200


async def test_stopped_half_way_it_goes_on_from_there(group: Group, shop: Shop) -> None:
    before = counted(shop)
    await group.say(ANN, "/archive 180")

    async def stop() -> None:
        assert "asked to stop" in await group.tap(BORIS, "Stop")
        await group.runner.pending()  # the assistant hears of it

    await group.tap(OLGA, "Yes: Archive")
    group.meanwhile = stop
    await group.work()
    text, tokens, _ = await group.shown(await group.run())
    assert text.startswith("⏹ Archive 180 days was stopped by Boris")
    assert list(tokens) == ["Resume"]
    assert await group.tap(BORIS, "Resume")
    await group.work()
    assert await group.tap(ANN, "Yes: Archive", 2)
    await group.work()
    assert (await group.run(2)).state is RunState.SUCCEEDED
    assert counted(shop)[0] == before[0] - 200
