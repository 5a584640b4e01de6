"""The arithmetic of the benchmarks: a wrong bar would be worse than none."""

import pytest

import benchmarks
from benchmarks._report import Bar, Report, Table, figure
from benchmarks._stats import p99, quantile


@pytest.mark.parametrize(
    ("share", "expected"),
    [
        pytest.param(0.5, 50, id="the median of a hundred is the fiftieth"),
        pytest.param(0.99, 99, id="one of a hundred may be slower than p99"),
        pytest.param(1.0, 100, id="all of them"),
    ],
)
def test_quantiles_are_values_that_were_measured(share: float, expected: float) -> None:
    assert quantile(share, [float(one) for one in range(100, 0, -1)]) == expected


def test_nothing_measured_is_no_figure() -> None:
    with pytest.raises(ValueError, match="nothing was measured"):
        p99([])


@pytest.mark.parametrize(
    ("measured", "at_least", "holds"),
    [
        pytest.param(2.0, False, True, id="a limit may be reached"),
        pytest.param(2.01, False, False, id="a limit may not be passed"),
        pytest.param(2.0, True, True, id="a floor may be touched"),
        pytest.param(1.99, True, False, id="less than the floor is a miss"),
    ],
)
def test_a_bar_holds_up_to_its_limit(measured: float, *, at_least: bool, holds: bool) -> None:
    assert Bar(what="x", measured=measured, limit=2.0, at_least=at_least).holds is holds


@pytest.mark.parametrize(
    ("value", "shown"),
    [(0.004, "0.00"), (1.234, "1.23"), (12.34, "12.3"), (123.4, "123"), (12345.6, "12 346")],
)
def test_figures_have_three_digits(value: float, shown: str) -> None:
    assert figure(value) == shown


def test_a_report_is_markdown() -> None:
    report = Report(
        title="Taps",
        bars=[Bar(what="p99", measured=3.5, limit=3, unit="×")],
        tables=[Table(head=["taps", "ms"], rows=[["idle", "1.00"]])],
        notes=["a note"],
    )
    assert report.markdown() == (
        "| bar | measured | limit |  |\n"
        "| --- | --: | --: | --: |\n"
        "| p99 | 3.50× | ≤ 3× | **missed** |\n\n"
        "| taps | ms |\n"
        "| --- | --: |\n"
        "| idle | 1.00 |\n\n"
        "- a note"
    )


def test_benchmarks_are_found_by_name() -> None:
    assert benchmarks.names() == [
        "archive",
        "biggest_tables",
        "delivery",
        "idle",
        "incoming",
        "rounds",
        "throughput",
        "vacuum",
    ]
    with pytest.raises(LookupError, match="no benchmark speed; there are: archive"):
        benchmarks.load(["speed"])
