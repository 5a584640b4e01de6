"""The monthly preview of what is older than it has to be kept."""

from dataclasses import replace

from bot import schedules
from bot.core.keyboard import Key
from bot.core.model import Row, phrase
from bot.core.planned import Entry, Result
from bot.core.policy import Policy
from bot.core.retention import Keep
from bot.core.verbs import Verb
from bot.edges.store import SqlStore
from tests.conftest import ADMINS, TEAM, Clock
from tests.schedules.hall import Hall, at

FIRST = at(1, 6, 20, month=12)  # 09:20 in Moscow


def hall(store: SqlStore, clock: Clock, policy: Policy, rows: int, *keeps: str) -> Hall:
    kept = tuple(Keep(name, 180) for name in keeps)
    found = Hall(
        store,
        clock,
        replace(policy, retention=kept),
        retention=schedules.load()["retention"].work,
    )
    row: Row = {"row_count": rows, "first_day": "2025-01-01"}
    found.shop.answers = {f"retention/{name}.sql.j2": [row] for name in keeps}
    return found


async def first_of_december(found: Hall) -> Entry:
    await found.look()
    found.clock.now = FIRST
    assert await found.look() == ["retention"]
    return await found.entry("retention")


async def test_admins_get_the_numbers_and_the_button_once(
    store: SqlStore, clock: Clock, policy: Policy
) -> None:
    found = hall(store, clock, policy, 1_234_567, "daily_sales")
    assert (await first_of_december(found)).result is Result.DONE
    assert await found.look() == []

    [post] = await found.posts(ADMINS.chat)
    assert await found.posts(TEAM.chat) == []
    assert "rows before 4 Jun 2026, about 185" in await found.shown(post)
    page = await store.write(lambda tx: found.cards.page(tx, post, clock()))
    [[archive], _files] = page.keys
    assert isinstance(archive, Key)
    assert (archive.verb, archive.arg) == (Verb.DO, "remediate_archive 180")
    assert await found.run() is None  # it only tells


async def test_nothing_old_is_no_message(store: SqlStore, clock: Clock, policy: Policy) -> None:
    found = hall(store, clock, policy, 0, "daily_sales")
    entry = await first_of_december(found)
    assert (entry.result, entry.why) == (Result.SKIPPED, phrase("retention_nothing"))
    assert await found.posts(ADMINS.chat) == []


async def test_off_is_no_message(store: SqlStore, clock: Clock, policy: Policy) -> None:
    entry = await first_of_december(hall(store, clock, policy, 5))
    assert (entry.result, entry.why) == (Result.SKIPPED, phrase("retention_off"))


async def test_a_table_that_is_missing_is_said_beside_the_others(
    store: SqlStore, clock: Clock, policy: Policy
) -> None:
    found = hall(store, clock, policy, 0, "daily_sales", "daily_stock")
    found.shop.missing = "daily_stock"
    assert (await first_of_december(found)).result is Result.DONE
    [post] = await found.posts(ADMINS.chat)
    assert "lacks the column daily_stock" in await found.shown(post)


async def test_where_nothing_can_be_read_it_has_failed_and_is_tried_again(
    store: SqlStore, clock: Clock, policy: Policy
) -> None:
    found = hall(store, clock, policy, 5, "daily_sales")
    found.shop.missing = "daily_sales"
    entry = await first_of_december(found)
    assert (entry.result, entry.tries) == (Result.FAILED, 1)
    assert entry.why == phrase("shop_missing_column", column="daily_sales")
    assert await found.posts(ADMINS.chat) == []
    found.shop.missing = None
    clock.forward(minutes=5)
    assert await found.look() == ["retention"]
    assert len(await found.posts(ADMINS.chat)) == 1
