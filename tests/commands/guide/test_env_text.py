from io import StringIO

import pytest
from dotenv import dotenv_values

from bot.commands.guide.env_text import changed, quoted


def test_what_is_not_asked_for_stays_as_it_is() -> None:
    text = "# head\nexport A=1\n#B=example\n\nC='x'\n"
    assert changed(text, {"A": "2", "B": "3"}) == "# head\nA=2\nB=3\n\nC='x'\n"


def test_new_names_come_last_and_an_empty_file_begins_with_them() -> None:
    note = "# Written by `python -m bot setup`"
    assert changed("X=1", {"A": "2"}) == f"X=1\n\n{note}\nA=2\n"
    assert changed("", {"A": "2"}) == f"{note}\nA=2\n"


def test_a_name_that_stands_twice_stands_once_afterwards() -> None:
    """The last one would win, and the change would do nothing."""
    assert changed("A=1\nB=1\nA=2\n", {"A": "3"}) == "A=3\nB=1\n"


def test_a_name_that_begins_alike_is_another() -> None:
    assert changed("BOT_TOKEN_OLD=1\n", {"BOT_TOKEN": "2"}).startswith("BOT_TOKEN_OLD=1\n")


@pytest.mark.parametrize(
    "value", ["a b", "#x", "it's", 'a"b', "back\\slash", "$HOME ${X}", "postgresql://u:p@h/d?a=1#"]
)
def test_a_value_is_read_back_the_same(value: str) -> None:
    assert dotenv_values(stream=StringIO(f"A={quoted(value)}\n"), interpolate=False)["A"] == value
