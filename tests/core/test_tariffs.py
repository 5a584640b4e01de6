"""Rules beside tariffs: by name, whatever the case; what may be proposed and what may not."""

from dataclasses import replace
from typing import Any

import pytest

from bot.core.tariffs import Compared, Fit, Rule, Tariff, compare, read, spelled

TODAY = "2026-11-23"
RULE = Rule(category="Socks", rate_pct=12.5, since="2026-01-01", open=True)


def tariff(subject: str, rate: float, parent: str = "Clothing") -> Tariff:
    return Tariff(parent=parent, subject=subject, rate_pct=rate)


def only(rule: Rule, *tariffs: Tariff) -> Compared:
    [one] = compare([rule], tariffs, TODAY)
    return one


@pytest.mark.parametrize("name", ["Socks", "SOCKS", " socks "])
def test_a_subject_is_found_whatever_its_letters(name: str) -> None:
    one = only(RULE, tariff(name, 15.5), tariff("Hats", 9))
    assert (one.fit, one.low_pct, one.gap_pct, one.rate) == (Fit.DIFFERS, 15.5, 3.0, "15.5")
    assert one.proposable


def test_letters_beyond_ascii_have_cases_too() -> None:
    rule = replace(RULE, category="носки  детские")
    assert only(rule, tariff("Носки Детские", 12.5)).fit is Fit.SAME


def test_a_parent_whose_subjects_agree_is_one_tariff() -> None:
    rule = replace(RULE, category="clothing")
    one = only(rule, tariff("Socks", 19), tariff("Hats", 19), tariff("Cups", 5, parent="Home"))
    assert (one.fit, one.rate, one.proposable) == (Fit.DIFFERS, "19", True)


def test_a_parent_whose_subjects_differ_is_left_to_people() -> None:
    one = only(replace(RULE, category="Clothing"), tariff("Socks", 19), tariff("Hats", 12.5))
    assert (one.fit, one.low_pct, one.high_pct) == (Fit.SPREAD, 12.5, 19)
    assert not one.proposable


def test_a_name_of_both_a_parent_and_a_subject_counts_as_both() -> None:
    one = only(RULE, tariff("Socks", 19), tariff("Wool", 12, parent="Socks"))
    assert one.fit is Fit.SPREAD


def test_no_tariff_of_that_name() -> None:
    assert only(RULE, tariff("Sock", 1), tariff("", 2, parent="")).fit is Fit.UNKNOWN
    assert only(replace(RULE, category=""), tariff("", 2, parent="")).fit is Fit.UNKNOWN


@pytest.mark.parametrize(
    ("rate", "fit"), [(12.5, Fit.SAME), (12.5 + 1e-9, Fit.SAME), (12.501, Fit.DIFFERS)]
)
def test_a_difference_is_one_that_a_rule_can_hold(rate: float, fit: Fit) -> None:
    assert only(RULE, tariff("Socks", rate)).fit is fit


@pytest.mark.parametrize(
    "rule",
    [
        replace(RULE, open=False),  # its end is set already: a change is on its way
        replace(RULE, since=TODAY),  # /rate changes rules from the day after they begin
        replace(RULE, category="socks "),  # nobody can type that
    ],
)
def test_what_rate_would_refuse_is_not_proposed(rule: Rule) -> None:
    one = only(rule, tariff("Socks", 15))
    assert (one.fit, one.proposable) == (Fit.DIFFERS, False)


def test_two_open_rules_of_one_category_are_for_people() -> None:
    twice = compare([RULE, replace(RULE, category="SOCKS")], [tariff("Socks", 15)], TODAY)
    assert [one.proposable for one in twice] == [False, False]


def test_an_open_rule_that_begins_later_is_for_people_too() -> None:
    later = replace(RULE, since="2026-12-01", now=False)
    [one] = compare([RULE, later], [tariff("Socks", 15)], TODAY)
    assert (one.rule, one.fit, one.proposable) == (RULE, Fit.DIFFERS, False)


@pytest.mark.parametrize("rate", [0, 100])
def test_a_tariff_of_nothing_or_of_all_the_price_is_not_proposed(rate: float) -> None:
    one = only(RULE, tariff("Socks", rate))
    assert (one.fit, one.proposable) == (Fit.DIFFERS, False)


def test_a_rule_without_a_rate_differs() -> None:
    one = only(replace(RULE, rate_pct=None), tariff("Socks", 15))
    assert (one.fit, one.gap_pct) == (Fit.DIFFERS, 15)


def test_the_widest_gap_comes_first_and_what_agrees_last() -> None:
    names = {"a": 13.0, "b": 2.0, "c": 12.5, "e": 20.0}
    rules = [replace(RULE, category=name) for name in (*names, "d")]
    found = compare(rules, [tariff(name, rate) for name, rate in names.items()], TODAY)
    assert [one.rule.category for one in found] == ["b", "e", "a", "d", "c"]


@pytest.mark.parametrize(
    ("rate", "text"), [(15.0, "15"), (100, "100"), (0.0, "0"), (12.3456, "12.346")]
)
def test_a_rate_is_spelled_as_the_command_takes_it(rate: float, text: str) -> None:
    assert spelled(rate) == text


def test_subjects_without_a_number_are_counted() -> None:
    report: list[Any] = [
        {"parentName": "Clothing", "subjectName": "Socks", "paidStorageKgvp": 15},
        {"subjectName": None, "paidStorageKgvp": 0.5},
        {"subjectName": "no such field", "kgvpMarketplace": 15},
        *({"subjectName": "x", "paidStorageKgvp": bad} for bad in ("15", True, None, -1, 101)),
        {"subjectName": "x", "paidStorageKgvp": float("nan")},
        "no subject at all",
    ]
    found = read({"report": report}, "paidStorageKgvp")
    assert found == ([tariff("Socks", 15), tariff("", 0.5, parent="")], 8)


@pytest.mark.parametrize("answer", [{}, {"report": None}, {"report": {"a": 1}}, {"data": []}])
def test_what_is_no_list_of_tariffs(answer: dict[str, Any]) -> None:
    assert read(answer, "paidStorageKgvp") is None
