"""Every question that reads the shop, asked of two real ones: a usual one and a wide one."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

import checks
from bot import questions, remediations
from bot.core.book import Book
from bot.core.model import Moment, Reading, Unreadable
from bot.core.ports import Tx
from bot.core.runbook import Runbook
from bot.core.tariffs import NoTariffs, Tariff, TariffList
from bot.core.tools import Tools
from bot.core.watch import record
from bot.edges.shop import open_shop
from bot.edges.store import SqlStore
from tests.checks.fakes import FakeMemory, FakeServices, FakeWeb
from tests.conftest import NOON, Clock
from tests.machine import ports
from tests.paper import Noted, Sheet, nothing_else
from tests.questions.conftest import Room
from tests.questions.test_answers import CASES
from tests.snapshots import shops

KEPT = Path(__file__).with_name("answers")
SHOPS = {"usual": shops.USUAL, "widest": shops.WIDE}
COMMANDS = questions.load(remediations.load())
ASKED = {text.split()[0]: text for text, _ in reversed(CASES.values())} | {
    "outliers": "outliers 30"
}
OF_SHOP = sorted(
    name
    for name, one in COMMANDS.items()
    if one.read is not None
    and (one.needs or name in {"brief", "ingest", "jobs", "outliers", "report", "status", "steps"})
)


@dataclass
class Built:
    """Files made once; nobody writes into them."""

    paths: dict[str, Path]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    folder = tmp_path_factory.mktemp("shops")
    return Built(
        {name: shops.build(folder / f"{name}.db", scale) for name, scale in SHOPS.items()}
    )


def expecting(book: Book, scale: shops.Scale) -> Book:
    """The assistant knows all of the shop's jobs; of many not all come in time."""
    crons = {"collect_yesterday_data": "0 2 * * *", "recalc_recent_metrics": "0 3 * * *"}
    late = 4 if scale.jobs > 1 else 1
    crons |= {name: f"0 {2 + n % late} * * *" for n, name in enumerate(shops.jobs(scale))}
    return replace(book, runbooks=checks.load({"scheduler_on_time": {"schedule": crons}}))


def tariffs(scale: shops.Scale) -> TariffList:
    """One that differs from the shop's rule."""
    socks = Tariff(parent=scale.category, subject="Socks", rate_pct=scale.rate + 3.125)
    return TariffList(at=NOON, column="kgvpSupplierExpress", tariffs=[socks])


async def rounds(room: Room) -> None:
    """Each check looks once, as it does in life."""
    tools = Tools(
        shop=room.shop,
        web=FakeWeb(),
        services=FakeServices(),
        memory=FakeMemory(),
        **ports(),
    )
    now = room.clock()

    def saved(runbook: Runbook, seen: Sequence[Reading]) -> Callable[[Tx], None]:
        return lambda tx: record(tx, room.book, runbook, seen, now)

    for runbook in room.book.runbooks.values():
        with suppress(Unreadable):
            seen = await runbook.detect(tools, Moment(now=now, zone=room.book.policy.zone))
            await room.store.write(saved(runbook, seen))


@pytest.mark.parametrize("name", OF_SHOP)
async def test_an_answer_of_a_real_shop_reads_as_it_should(  # noqa: PLR0913, PLR0917  # all that answers
    name: str, built: Built, book: Book, templates: Noted, clock: Clock, tmp_path: Path
) -> None:
    sheet = Sheet(templates=templates)
    for scale, path in built.paths.items():
        store = await SqlStore.open(tmp_path / f"{scale}.db")
        shop = open_shop(f"sqlite:///{path}", sql=templates.sql)
        known = expecting(book, SHOPS[scale])
        room = Room(store=store, book=known, templates=templates, clock=clock, shop=shop)
        room.tariffs = NoTariffs(tariffs(SHOPS[scale]))
        try:
            await rounds(room)
            page, keys = await room.seen(ASKED.get(name, name))
        finally:
            await shop.close()
            await store.close()
        sheet.add(scale, page, keys)
    sheet.held(KEPT / f"{name}.html")


def test_nothing_is_kept_of_what_is_gone() -> None:
    nothing_else(KEPT, OF_SHOP)
