"""A picture for a phone, and what drawing it must not cost."""

import struct
from collections.abc import AsyncIterator
from datetime import date, timedelta

import pytest

from bot.core.model import Phrase, phrase
from bot.core.question import Chart
from bot.edges.charts import Charts

FIRST = date(2026, 8, 25)


@pytest.fixture
async def charts() -> AsyncIterator[Charts]:
    charts = Charts()
    yield charts
    charts.close()


def chart(values: list[float], *, bars: bool = True, limit: float | None = -10_000) -> Chart:
    days = [(FIRST + timedelta(days=n)).isoformat() for n in range(len(values))]
    nets = [later - earlier for earlier, later in zip([0.0, *values], values, strict=False)]
    return Chart(
        title=phrase("chart_cash", first=days[0], last=days[-1]),
        unit="₽",
        days=days,
        lines={"chart_balance": values},
        bars={"chart_net": nets} if bars else {},
        limit=limit,
    )


@pytest.mark.parametrize(
    "drawn",
    [
        pytest.param(chart([1.0, 2.0]), id="two days"),
        pytest.param(chart([0.0] * 7), id="nothing ever moves"),
        pytest.param(chart([-1e9, 1e9, 5.0]), id="huge"),
        pytest.param(chart([float(n % 11) for n in range(90)], bars=False), id="no bars"),
        pytest.param(chart([5.0, 6.0], limit=None), id="no limit"),
        pytest.param(chart([5.0, 6.0], limit=-1e9), id="a limit far away"),
    ],
)
async def test_a_chart_is_a_png_that_telegram_takes_as_a_photo(
    charts: Charts, drawn: Chart
) -> None:
    said: list[str] = []

    def say(words: Phrase) -> str:
        said.append(words.key)
        return f"{words.key} {dict(words.values)}"[:40]

    png = await charts.draw(drawn, say)
    assert png.startswith(b"\x89PNG\r\n")
    assert struct.unpack(">II", png[16:24]) == (1080, 720)
    assert len(png) < 200_000
    assert set(said) == {
        "chart_cash",
        "chart_balance",
        *(["chart_net"] if drawn.bars else []),
        *(["chart_limit"] if drawn.limit is not None else []),
    }
