"""Sums beyond any money, as a broken import leaves them: an answer all the same, or one line."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot.core.model import Unreadable
from bot.edges.shop import open_shop
from tests.checks.shop import Shop
from tests.conftest import NOON
from tests.questions.conftest import Room
from tests.questions.test_money import PNL

TODAY = NOON.date()


@pytest.fixture
def file(tmp_path: Path) -> Shop:
    shop = Shop(tmp_path / "shop.db")
    shop.run(PNL)
    return shop


@pytest.fixture
async def shop(file: Shop, room: Room) -> AsyncIterator[Room]:
    opened = open_shop(f"sqlite:///{file.path}", sql=room.templates.sql)
    room.shop = opened
    yield room
    await opened.close()


def huge(file: Shop, amount: float) -> None:
    for ago in range(1, 30):
        for marketplace in ("WB", "OZON"):
            file.flow(TODAY - timedelta(days=ago), amount, marketplace)
            file.write(
                "INSERT INTO pnl_daily (d, sku_id, marketplace, revenue_net, cogs, commissions,"
                " delivery_cost, promo_cost, refunds, writeoffs, gross_profit)"
                " VALUES (?, 1, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                [(str(TODAY - timedelta(days=ago)), marketplace, *[amount] * 8)],
            )


@pytest.mark.parametrize("amount", [9e99, -9e307, 9e307, 1.7e308])
@pytest.mark.parametrize(
    "asked", ["cash", "cash 90", "flows", "brief", "outflows", "pnl", "letter WB", "report weekly"]
)
async def test_no_sum_breaks_an_answer(shop: Room, file: Shop, asked: str, amount: float) -> None:
    huge(file, amount)
    try:
        text = await shop.read(asked)
    except Unreadable as unreadable:
        text = shop.templates.say_plain(unreadable.why)
    assert len(text) < 4096
    table = text.partition("<pre>")[2].partition("</pre>")[0]
    assert max(map(len, table.splitlines() or [""])) <= 36


async def test_what_no_sum_can_be_made_of_is_unknown_and_not_nothing(
    shop: Room, file: Shop
) -> None:
    huge(file, 9e307)
    said = await shop.read("cash")
    assert "the balance of 22 Nov is not a number" in said
    assert "WB   700   –   –" in said
    assert "9.00e+307" in await shop.read("flows")
