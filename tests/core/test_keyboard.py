"""Rows of buttons that a phone shows whole."""

from bot.core.keyboard import LONGEST, Key, Keys, fitted
from bot.core.verbs import Verb


def row(*labels: str) -> list[Key]:
    return [Key(label, Verb.ASK, "x") for label in labels]


def labels(keys: Keys) -> list[list[str]]:
    return [[key.label for key in one] for one in keys]


def test_what_fits_stays_as_it_is() -> None:
    keys = [row("Acknowledge", "Silence 1h", "More…"), row("Run VACUUM")]
    assert fitted(keys) == keys


def test_a_row_that_is_too_wide_becomes_several_and_short_ones_stay_together() -> None:
    wide = [row("Refresh", "Machine", "Ready for PostgreSQL?", "Archives", "Tables")]
    assert labels(fitted(wide)) == [
        ["Refresh", "Machine"],
        ["Ready for PostgreSQL?"],
        ["Archives", "Tables"],
    ]


def test_a_label_wider_than_a_phone_is_cut_and_still_means_the_same() -> None:
    [[key]] = fitted([row("a" * 99)])
    assert (len(key.label), key.label[-1], key.arg) == (LONGEST[1], "…", "x")


def test_numbers_of_a_storm_share_a_row() -> None:
    assert labels(fitted([row("#1", "#22", "#333", "#4444", "#55555")])) == [
        ["#1", "#22", "#333", "#4444", "#55555"]
    ]


def test_no_buttons_are_none() -> None:
    assert list(fitted([])) == []
