"""From `:name` to psycopg's notation."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.edges.shop.named_binds import to_psycopg


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ("d >= :first AND d < :last", "d >= %(first)s AND d < %(last)s"),
        ("(:a,:b_2)", "(%(a)s,%(b_2)s)"),
        ("d::date >= :d::date", "d::date >= %(d)s::date"),
        ("'12:30' || ':no'", "'12:30' || ':no'"),
        ("'it''s :no' || :yes", "'it''s :no' || %(yes)s"),
        (r"E'it\'s :no' || :yes", r"E'it\'s :no' || %(yes)s"),
        ('"a:b" = :c', '"a:b" = %(c)s'),
        ("-- see :no\n:yes", "-- see :no\n%(yes)s"),
        ("/* :no\n:no */ :yes", "/* :no\n:no */ %(yes)s"),
        ("$$ :no $$ :yes", "$$ :no $$ %(yes)s"),
        ("$q$ :no $$ :no $q$ :yes", "$q$ :no $$ :no $q$ %(yes)s"),
        ("x LIKE 'a%' AND y % 2 = :z", "x LIKE 'a%%' AND y %% 2 = %(z)s"),
        ("numbers[1:2]", "numbers[1:2]"),
        ("", ""),
    ],
)
def test_binds_are_found_and_nothing_else(statement: str, expected: str) -> None:
    assert to_psycopg(statement) == expected


@given(st.text(alphabet="abc :%'\"-/*$\n"))
def test_without_binds_the_statement_reaches_the_server_as_written(statement: str) -> None:
    converted = to_psycopg(statement)
    if "%(" not in converted:
        assert converted.replace("%%", "%") == statement
