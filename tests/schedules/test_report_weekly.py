"""The weekly report: its buttons, and the chart under it."""

from bot import schedules
from bot.core import enclosed
from bot.core.policy import Policy
from bot.core.ports import Tx
from bot.core.question import Chart
from bot.core.series import Sample, name_of
from bot.edges.store import SqlStore
from tests.conftest import Clock
from tests.schedules.hall import Hall, at


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
