"""Files of messages, made when they are sent: a picture is drawn, a table written."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

from bot.core import enclosed
from bot.core.model import Facts, Phrase
from bot.core.question import Chart, Table
from bot.edges.charts import Charts
from bot.edges.telegram.api import File


@dataclass(frozen=True, slots=True, kw_only=True)
class Enclosures:
    say: Callable[[Phrase], str]
    charts: Charts = field(default_factory=Charts)
    redact: Callable[[str], str] = str

    async def made(self, context: Facts) -> File:
        match enclosed.restored(context):
            case Chart() as chart:
                content = await self.charts.draw(chart, self.say)
                return File(name="chart.png", content=content, picture=True)
            case Table() as table:
                content = await asyncio.to_thread(_written, table, self.redact)
                return File(name=f"{table.name}.{table.sheet}", content=content)


def _written(table: Table, redact: Callable[[str], str]) -> bytes:
    # openpyxl is only for the few messages that have tables.
    from bot.edges import sheets  # noqa: PLC0415  # see above

    return sheets.write(sheets.without_secrets(table, redact))
