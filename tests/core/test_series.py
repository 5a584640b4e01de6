"""Which numbers of a round are kept."""

import math

from bot.core.model import Json, Severity, fires, ok, phrase, unknown
from bot.core.series import Sample, name_of, of_blind_round, of_round

CHECK = "check_x"


def test_facts_that_are_numbers_are_kept_and_nothing_else() -> None:
    facts: dict[str, Json] = {
        "a": 1,
        "word": "12",
        "none": None,
        "nan": math.nan,
        "inf": math.inf,
        "other": 5,
    }
    kept = of_round(CHECK, ("a", "word", "none", "nan", "inf", "gone"), [ok("s", **facts)])
    assert kept == [Sample("check_x.status", "s", 1.0), Sample("check_x.a", "s", 1.0)]


def test_a_mapping_makes_a_series_for_each_key() -> None:
    kept = of_round(CHECK, ("buckets",), [ok("s", buckets={"0.5": 3, "+Inf": 4, "x": "y"})])
    assert kept[1:] == [
        Sample("check_x.buckets:0.5", "s", 3.0),
        Sample("check_x.buckets:+Inf", "s", 4.0),
    ]


def test_unknown_is_neither_well_nor_firing() -> None:
    readings = [fires("a", Severity.ERROR), unknown("b", phrase("why"))]
    assert of_round(CHECK, (), readings) == [
        Sample("check_x.status", "a", 0.0),
        Sample("check_x.status", "b", None),
    ]
    assert of_blind_round(CHECK, ["a", "b"]) == [
        Sample(name_of(CHECK), "a", None),
        Sample(name_of(CHECK), "b", None),
    ]


def test_a_check_that_goes_mad_keeps_no_more_than_its_share() -> None:
    crowd = [ok(f"{n}" * 200, a=1) for n in range(1000)]
    kept = of_round(CHECK, ("a",), crowd)
    assert len(kept) == 200
    assert max(len(one.subject) for one in kept) == 120
    assert len(of_blind_round(CHECK, [str(n) for n in range(1000)])) == 200
