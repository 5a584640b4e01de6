"""One picture of lines and bars over days, drawn with matplotlib.

Import it only when there is something to draw. The figure is made without pyplot, which keeps
every figure for ever and belongs to the main thread.
"""

import math
from collections.abc import Callable, Sequence
from io import BytesIO
from typing import Final

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import FuncFormatter, MaxNLocator

from bot.core.model import Phrase
from bot.core.question import Chart
from bot.edges.formats import day, num

INCHES: Final = (7.2, 4.8)
DPI: Final = 150  # 1080 by 720 pixels: sharp on a phone, and no larger than Telegram keeps
LINES: Final = ("#1f6fb5", "#6b4fa0", "#2a8f8f")
RISES, FALLS, LIMIT = "#7cc08a", "#e39a8b", "#c62828"
INK, QUIET, PAPER = "#222222", "#777777", "#ffffff"
FEW: Final = 31  # days up to which each has a mark of its own
EDGE: Final = 0.12  # inches around everything
ROOM: Final = 0.12  # of the height, above the highest and below the lowest


Say = Callable[[Phrase], str]


def png(chart: Chart, say: Say) -> bytes:
    layout = ConstrainedLayoutEngine(w_pad=EDGE, h_pad=EDGE)
    figure = Figure(figsize=INCHES, dpi=DPI, facecolor=PAPER, layout=layout)
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    _bars(axes, chart)
    _lines(axes, chart)
    _limit(axes, chart, say)
    _frame(axes, chart, say)
    file = BytesIO()
    figure.savefig(file, format="png")
    return file.getvalue()


def _lines(axes: Axes, chart: Chart) -> None:
    marker = "o" if len(chart.days) <= FEW else ""
    for values, colour in zip(chart.lines.values(), LINES, strict=False):
        axes.plot(range(len(values)), values, color=colour, linewidth=2.4, marker=marker, ms=5)
        _say_last(axes, values, chart.unit, colour)


def _say_last(axes: Axes, values: Sequence[float], unit: str, colour: str) -> None:
    """Write the newest known value at the right, where no line ever is."""
    known = [at for at, value in enumerate(values) if math.isfinite(value)]
    if not known:
        return
    last = known[-1]
    axes.annotate(
        f"{num(values[last])} {unit}",
        (last, values[last]),
        xytext=(8, 0),
        textcoords="offset points",
        va="center",
        annotation_clip=False,
        color=colour,
        fontsize=13,
        fontweight="bold",
    )


def _bars(axes: Axes, chart: Chart) -> None:
    """Draw several series side by side; rising and falling days differ in colour."""
    width = 0.8 / max(1, len(chart.bars))
    for at, values in enumerate(chart.bars.values()):
        left = (at - (len(chart.bars) - 1) / 2) * width
        places = [place + left for place in range(len(values))]
        colours = [RISES if value >= 0 else FALLS for value in values]
        axes.bar(places, values, width=width, color=colours, zorder=1)
    if chart.bars:
        axes.axhline(0, color=QUIET, linewidth=0.8, zorder=1)


def _limit(axes: Axes, chart: Chart, say: Say) -> None:
    if chart.limit is None:
        return
    axes.axhline(chart.limit, color=LIMIT, linewidth=1.6, linestyle=(0, (5, 3)))
    axes.annotate(
        say(Phrase("chart_limit", {"value": chart.limit, "unit": chart.unit})),
        (0, chart.limit),
        xycoords=("axes fraction", "data"),
        xytext=(6, -5),
        textcoords="offset points",
        va="top",
        color=LIMIT,
        fontsize=12,
        bbox={"facecolor": PAPER, "edgecolor": "none", "alpha": 0.8, "pad": 1},
    )


def _frame(axes: Axes, chart: Chart, say: Say) -> None:
    axes.set_title(say(chart.title), loc="left", fontsize=15, color=INK, fontweight="bold")
    axes.margins(x=0.03, y=ROOM)
    axes.xaxis.set_major_locator(MaxNLocator(nbins=7, integer=True))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda place, _: _day_at(chart.days, place)))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: num(value)))
    axes.tick_params(labelsize=12, colors=INK, length=0)
    axes.grid(axis="y", color="#e6e6e6", linewidth=0.8)
    axes.set_axisbelow(True)
    for side in ("top", "right", "left", "bottom"):
        axes.spines[side].set_visible(False)
    _legend(axes, chart, say)


def _legend(axes: Axes, chart: Chart, say: Say) -> None:
    lines = [
        Line2D([], [], color=colour, linewidth=2.4, label=say(Phrase(name)))
        for name, colour in zip(chart.lines, LINES, strict=False)
    ]
    bars = [Patch(facecolor=RISES, label=say(Phrase(name))) for name in chart.bars]
    axes.legend(
        handles=[*lines, *bars],
        loc="upper center",
        bbox_to_anchor=(0.5, -0.08),
        ncols=3,
        frameon=False,
        fontsize=12,
    )


def _day_at(days: Sequence[str], place: float) -> str:
    at = round(place)
    if at != place or not 0 <= at < len(days):
        return ""
    _, _, time = days[at].partition("T")
    return time or day(days[at])
