import json
import math
from itertools import accumulate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.histogram import (
    BUCKET_METRIC,
    Buckets,
    Counts,
    Flaw,
    Quantile,
    compact,
    delta,
    flaw,
    merge,
    quantile,
    requests,
    restarted,
    total,
)
from bot.core.tools import Sample

# Prometheus' own test data: promql/promqltest/testdata/histograms.test, 10 steps in.
POSITIVE = {"0.1": 50.0, ".2": 70.0, "1e0": 110.0, "+Inf": 120.0}
NEGATIVE = {"-.2": 10.0, "-0.1": 20.0, "0.3": 20.0, "+Inf": 30.0}


def bucket(le: str, value: float, endpoint: str = "/a", **labels: str) -> Sample:
    where = {"method": "GET", "endpoint": endpoint, "le": le} | labels
    return Sample(BUCKET_METRIC, where, value)


def prometheus(q: float, counts: Counts) -> float:
    """BucketQuantile of promql/quantile.go, word by word, for rising counts."""
    buckets = sorted((float(le), n) for le, n in counts.items())
    observations = buckets[-1][1]
    if observations == 0:
        return math.nan
    rank = q * observations
    b = next((i for i, (_, n) in enumerate(buckets[:-1]) if n >= rank), len(buckets) - 1)
    if b == len(buckets) - 1:
        return buckets[-2][0]
    if b == 0 and buckets[0][0] <= 0:
        return buckets[0][0]
    start, end, count = 0.0, buckets[b][0], buckets[b][1]
    if b > 0:
        start = buckets[b - 1][0]
        count -= buckets[b - 1][1]
        rank -= buckets[b - 1][1]
    return start + (end - start) * (rank / count)


BOUNDS = st.lists(
    st.floats(min_value=-100, max_value=100).map(lambda bound: round(bound, 3)),
    min_size=1,
    max_size=9,
    unique=True,
).map(sorted)
NUMBERS = st.integers(min_value=0, max_value=10**9)
QUANTILES = st.floats(min_value=1e-9, max_value=1)


@st.composite
def histograms(draw: st.DrawFn) -> Counts:
    bounds = [repr(bound) for bound in draw(BOUNDS)] + ["+Inf"]
    each = draw(st.lists(NUMBERS, min_size=len(bounds), max_size=len(bounds)))
    return dict(zip(bounds, map(float, accumulate(each)), strict=True))


@pytest.mark.parametrize(
    ("q", "counts", "seconds"),
    [
        (0.2, POSITIVE, 0.048),
        (0.5, POSITIVE, 0.15),
        (0.8, POSITIVE, 0.72),
        (0.2, NEGATIVE, -0.2),
        (0.5, NEGATIVE, -0.15),
    ],
)
def test_a_quantile_is_what_prometheus_expects_in_its_own_tests(
    q: float, counts: Counts, seconds: float
) -> None:
    found = quantile(q, counts)
    assert found is not None
    assert not found.at_least
    assert found.value_seconds == pytest.approx(seconds)


@pytest.mark.parametrize(("counts", "seconds"), [(POSITIVE, 1.0), (NEGATIVE, 0.3)])
def test_beyond_the_last_bound_only_that_bound_is_known(counts: Counts, seconds: float) -> None:
    assert quantile(1, counts) == Quantile(seconds, at_least=True)


def test_when_all_requests_fit_a_finite_bucket_the_highest_quantile_is_known() -> None:
    assert quantile(1, {"1.0": 10.0, "+Inf": 10.0}) == Quantile(1.0, at_least=False)


@given(q=QUANTILES, counts=histograms())
def test_a_quantile_is_that_of_prometheus(q: float, counts: Counts) -> None:
    expected, got = prometheus(q, counts), quantile(q, counts)
    assert math.isnan(expected) == (got is None)
    assert got is None or got.value_seconds == pytest.approx(expected)


@given(qs=st.tuples(QUANTILES, QUANTILES).map(sorted), counts=histograms())
def test_a_higher_quantile_is_never_lower(qs: list[float], counts: Counts) -> None:
    low, high = (quantile(q, counts) for q in qs)
    if low is not None and high is not None:
        assert low.value_seconds <= high.value_seconds + 1e-9
        assert high.at_least or not low.at_least


@given(q=QUANTILES, counts=histograms())
def test_a_quantile_lies_in_the_bucket_that_its_rank_falls_into(q: float, counts: Counts) -> None:
    found = quantile(q, counts)
    if found is None or found.at_least:
        return
    rank = q * requests(counts)
    upper = min(float(le) for le, count in counts.items() if count >= rank)
    narrower = [float(le) for le in counts if float(le) < upper]
    lower = max(narrower, default=min(0.0, upper))
    assert lower - 1e-9 <= found.value_seconds <= upper + 1e-9


@pytest.mark.parametrize("q", [0, -0.1, 1.1, math.nan])
def test_a_quantile_outside_its_range_is_a_mistake_of_the_caller(q: float) -> None:
    with pytest.raises(ValueError, match="a quantile lies above 0"):
        quantile(q, POSITIVE)


@pytest.mark.parametrize(
    ("counts", "name"),
    [
        pytest.param({}, Flaw.EMPTY, id="nothing"),
        pytest.param({"": 1, "+Inf": 1}, Flaw.BAD_BOUND, id="no bound"),
        pytest.param({"fast": 1, "+Inf": 1}, Flaw.BAD_BOUND, id="a word for a bound"),
        pytest.param({"-Inf": 1, "+Inf": 1}, Flaw.BAD_BOUND, id="a bound below everything"),
        pytest.param({"1": math.nan, "+Inf": 2}, Flaw.NOT_A_COUNT, id="NaN"),
        pytest.param({"1": 1, "+Inf": math.inf}, Flaw.NOT_A_COUNT, id="an endless count"),
        pytest.param({"1": 1, "2": 1}, Flaw.NO_INFINITE_BUCKET, id="no +Inf"),
        pytest.param({"+Inf": 1}, Flaw.NO_FINITE_BUCKET, id="only +Inf"),
        pytest.param({"1": 5, "2": 4, "+Inf": 6}, Flaw.NOT_MONOTONIC, id="falls"),
    ],
)
def test_a_histogram_without_sense_has_a_named_flaw_and_no_quantile(
    counts: Counts, name: Flaw
) -> None:
    assert flaw(counts) is name
    assert quantile(0.95, counts) is None


def test_no_requests_have_no_quantile_but_are_no_flaw() -> None:
    idle = {"1.0": 0.0, "+Inf": 0.0}
    assert flaw(idle) is None
    assert quantile(0.95, idle) is None


def test_a_difference_by_rounding_is_not_a_fall() -> None:
    rates = {"1": 0.3, "2": 0.1 + 0.1 + 0.1 - 1e-16, "+Inf": 0.3}
    assert flaw(rates) is None


def test_samples_become_plain_json_with_one_spelling_of_each_bound() -> None:
    kept = compact(
        [
            bucket("1", 2),
            bucket("1.0", 3),
            bucket("+Inf", 7),
            bucket("1e0", 4, "/b", method="POST"),
            Sample("http_request_duration_seconds_count", {"endpoint": "/a"}, 99),
        ]
    )
    assert kept == {"GET /a": {"1.0": 5, "+Inf": 7}, "POST /b": {"1.0": 4}}
    assert json.loads(json.dumps(kept, allow_nan=False)) == kept


@pytest.mark.parametrize("value", [math.nan, math.inf, -3.0])
def test_a_count_that_is_none_stays_visible_through_every_step(value: float) -> None:
    bad = compact([bucket("1", value), bucket("+Inf", 9)])
    json.dumps(bad, allow_nan=False)
    good = compact([bucket("1", 4), bucket("+Inf", 9)])
    for changed in (delta(good, bad), delta(bad, good), delta({}, bad)):
        assert flaw(changed["GET /a"]) is Flaw.NOT_A_COUNT
        assert changed["GET /a"]["1.0"] == -1
    assert not restarted(good, bad)
    assert flaw(merge({**bad, "GET /b": {"1.0": 1.0, "+Inf": 1.0}})) is Flaw.NOT_A_COUNT


def test_a_count_that_is_none_is_not_hidden_by_a_series_it_is_added_to() -> None:
    for values in ((math.nan, 3.0), (3.0, math.nan)):
        summed = compact([bucket("+Inf", value, pid=str(value)) for value in values])
        assert summed == {"GET /a": {"+Inf": -1}}
        assert total(summed) == 0


def test_between_two_scrapes_only_what_came_in_between_counts() -> None:
    earlier = {"GET /a": {"1.0": 5.0, "+Inf": 6.0}}
    later = {"GET /a": {"1.0": 8.0, "+Inf": 10.0}, "GET /b": {"1.0": 1.0, "+Inf": 1.0}}
    between = delta(earlier, later)
    assert between == {"GET /a": {"1.0": 3, "+Inf": 4}, "GET /b": {"1.0": 1, "+Inf": 1}}
    assert total(between) == 5
    assert not restarted(earlier, later)


@pytest.mark.parametrize(
    "later",
    [
        pytest.param({"GET /a": {"1.0": 4.0, "+Inf": 6.0}}, id="a count went back"),
        pytest.param({"GET /a": {"2.0": 5.0, "+Inf": 6.0}}, id="a release changed the bounds"),
        pytest.param({"GET /b": {"1.0": 3.0, "+Inf": 3.0}}, id="a series vanished"),
        pytest.param({}, id="all vanished"),
    ],
)
def test_after_a_restart_the_later_scrape_counts_alone(later: Buckets) -> None:
    earlier = {"GET /a": {"1.0": 5.0, "+Inf": 6.0}}
    assert restarted(earlier, later)
    assert delta(earlier, later) == later


def test_one_series_that_went_back_restarts_the_busier_ones_too() -> None:
    earlier = {"GET /a": {"1.0": 90.0, "+Inf": 90.0}, "GET /b": {"1.0": 10.0, "+Inf": 10.0}}
    later = {"GET /a": {"1.0": 3.0, "+Inf": 3.0}, "GET /b": {"1.0": 50.0, "+Inf": 50.0}}
    assert delta(earlier, later) == later


@given(earlier=histograms(), more=st.lists(NUMBERS, min_size=10, max_size=10))
def test_the_difference_of_rising_counters_is_exactly_what_was_added(
    earlier: Counts, more: list[int]
) -> None:
    added = dict(zip(earlier, map(float, accumulate(more)), strict=False))
    later = {le: earlier[le] + added[le] for le in earlier}
    assert delta({"GET /a": earlier}, {"GET /a": later}) == {"GET /a": added}
    assert flaw(added) is None


def test_merged_series_count_at_the_bounds_they_share() -> None:
    fine = {"0.5": 1.0, "1.0": 2.0, "+Inf": 3.0}
    coarse = {"1.0": 10.0, "+Inf": 20.0}
    assert merge({"GET /a": fine, "GET /b": coarse}) == {"1.0": 12, "+Inf": 23}


def test_merging_nothing_is_empty() -> None:
    assert merge({}) == {}
    assert total({}) == 0


def test_a_series_without_its_infinite_bucket_spoils_the_whole() -> None:
    whole = merge({"GET /a": {"1.0": 1.0, "+Inf": 1.0}, "GET /b": {"1.0": 1.0, "2.0": 2.0}})
    assert flaw(whole) is Flaw.NO_INFINITE_BUCKET
