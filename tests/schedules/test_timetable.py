"""What holds for all that is done by the calendar: once, in one transaction, after kills too."""

from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bot.core import planned
from bot.core.model import (
    Unreadable,
    phrase,
)
from bot.core.planned import Planned, Result, Turn
from bot.core.policy import Policy
from bot.core.question import Asking, Page
from bot.core.records import PostKind
from bot.core.schedule import Deed, posted
from bot.edges.schedules import when
from bot.edges.store import SqlStore
from tests.conftest import NOON, Clock
from tests.schedules.hall import Hall, at


async def help_page(asking: Asking, turn: Turn) -> Deed:
    values = {"news": {"WB": "https://x"}, "rules": None, "differ": 0}
    page = Page(template="answers/rule_news.html.j2", values=values)
    return posted(asking, turn, page)


async def broken(_asking: Asking, _turn: Turn) -> Deed:
    raise ZeroDivisionError


async def blind(_asking: Asking, _turn: Turn) -> Deed:
    raise Unreadable(phrase("shop_locked", path="shop.db"))


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
