"""Stock, from a real shop's file: told by article, as people call their goods."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.core.model import Row, Unreadable
from bot.core.tabular import IN_A_FILE
from bot.edges.shop import open_shop
from tests.checks.shop import Shop
from tests.questions.conftest import Room

STOCK = """
CREATE VIEW vw_inventory_snapshot AS
SELECT column1 AS sku_id, 7 AS warehouse_id, 'Koledino' AS warehouse, 12 AS on_hand,
    3 AS in_transit, '2026-11-22' AS d
FROM (VALUES (1), (2), (77));
"""


@pytest.fixture
def file(tmp_path: Path) -> Shop:
    file = Shop(tmp_path / "shop.db")
    file.stock_skus()
    file.run(STOCK)
    return file


@pytest.fixture
async def shop(file: Shop, room: Room) -> AsyncIterator[Room]:
    opened = open_shop(f"sqlite:///{file.path}", sql=room.templates.sql)
    room.shop = opened
    yield room
    await opened.close()


async def test_stock_is_told_by_article_and_by_number_where_there_is_none(
    shop: Room, file: Shop
) -> None:
    file.run("UPDATE sku SET article = '' WHERE id = 2")
    lines = (await shop.read("inventory")).splitlines()
    assert [line.split() for line in lines[1:]] == [
        ["<pre>Article", "Warehouse", "Here", "To", "come"],
        ["wb-socks", "Koledino", "12", "3"],
        ["2", "Koledino", "12", "3"],
        ["77", "Koledino", "12", "3</pre>"],
    ]


async def test_the_file_has_the_number_beside_the_article(shop: Room) -> None:
    table = (await shop.ask("export inventory")).table
    assert table is not None
    assert (table.rows[0]["article"], table.rows[0]["sku_id"]) == ("wb-socks", 1)


async def test_a_file_that_can_hold_no_more_says_so(room: Room) -> None:
    row: Row = {"article": "socks", "sku_id": 1, "warehouse": "K", "on_hand": 1}
    row = {**row, "in_transit": 0, "day": "2026-11-22"}
    for count, end in ((IN_A_FILE - 1, "19 999 rows"), (IN_A_FILE, "20 000 rows: the first ones")):
        room.shop.answers = {"answers/inventory.sql.j2": [row] * count}
        assert end in (await room.read("export inventory")).partition(", ")[0]


async def test_a_list_of_goods_without_articles_is_named(shop: Room, file: Shop) -> None:
    file.run("ALTER TABLE sku RENAME COLUMN article TO artikel")
    with pytest.raises(Unreadable) as refused:
        await shop.read("inventory")
    assert "sku" in str(refused.value.why.values)
