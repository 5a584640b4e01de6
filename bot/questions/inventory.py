"""Stock by article and warehouse, as the shop's own view has it."""

from bot.core.columns import Column, Kind
from bot.core.question import Command
from bot.core.tabular import tabular


def command() -> Command:
    return tabular(
        name="inventory",
        about="Stock of the latest day by article and warehouse",
        title="Stock of the latest day",
        sql="answers/inventory.sql.j2",
        columns=[
            Column("article", "Article", least=24),
            Column("warehouse", "Warehouse"),
            Column("on_hand", "Here", Kind.NUMBER),
            Column("in_transit", "To come", Kind.NUMBER),
        ],
        needs={
            "vw_inventory_snapshot": ["d", "sku_id", "warehouse", "on_hand", "in_transit"],
            "sku": ["id", "article"],
        },
        runbooks=[1],
        explains=True,
    )
