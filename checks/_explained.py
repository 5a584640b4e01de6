"""The worst outliers, their causes and new charges, looked for only when the outliers change.

They cost several times what the sums do, and an alert may stay open for weeks.
"""

from collections.abc import Sequence
from typing import Final

from pydantic import BaseModel, Field, JsonValue, TypeAdapter

from bot.core.model import Row, Scalar
from bot.core.tools import Tools
from checks import _causes, _charges
from checks._memory import recall, remember
from checks._values import count, roubles

KEY: Final = "commission_outliers:explained"
TOP: Final = 3  # of each marketplace


class Explained(BaseModel, frozen=True):
    """`of` says what the outliers were like then."""

    of: list[list[JsonValue]] = Field(default_factory=list)
    worst: dict[str, list[dict[str, Scalar]]] = Field(default_factory=dict)
    causes: list[dict[str, JsonValue]] = Field(default_factory=list)
    charges: list[dict[str, Scalar]] = Field(default_factory=list)


_SHAPE: Final = TypeAdapter(Explained)


async def read(tools: Tools, off: Sequence[Row], since: str, until: str) -> Explained:
    """Of the marketplaces that are off, each with its sums; what is known already is not asked.

    Causes and charges that could not be read are asked for again in the next round.
    """
    of = [_print(row, since) for row in off]
    known = await recall(tools.memory, KEY, _SHAPE, Explained())
    if known.of == of:
        return known
    worst = {
        name: [dict(row) for row in await _worst(tools, name, since, until)]
        for name in (str(row["marketplace"]) for row in off)
    }
    causes = await _causes.read(tools, since, until)
    charges = await _charges.read(tools, since, until)
    found = _SHAPE.validate_python(
        {"of": of, "worst": worst, "causes": causes or [], "charges": charges or []}
    )
    if causes is not None and charges is not None:
        await remember(tools.memory, KEY, _SHAPE, found)
    return found


async def _worst(tools: Tools, marketplace: str, since: str, until: str) -> Sequence[Row]:
    return await tools.shop.rows(
        "commission_outliers/worst.sql.j2",
        since=since,
        until=until,
        marketplace=marketplace,
        top=TOP,
    )


def _print(row: Row, since: str) -> list[JsonValue]:
    """Name the outliers by what the sums say of them: all of it changes when one of them does."""
    return [
        since,
        str(row["marketplace"]),
        *(count(row[name]) for name in ("total_rows", "judged_rows", "outliers")),
        *(roubles(row[name]) for name in ("at_stake_rub", "overcharged_rub")),
    ]
