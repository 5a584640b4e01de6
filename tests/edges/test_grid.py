"""Tables on a phone: they fit, they line up, and no row is cut apart."""

from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.core.columns import Column, Kind
from bot.edges.grid import WIDTH, cut, grid, shown_width
from tests.checks.fakes import spaced

DAY = Column("d", "Day", Kind.DATE)
NAME = Column("name", "Name")
SUM = Column("rub", "Sum, ₽", Kind.MONEY)


def lines(*args: object) -> list[str]:
    return spaced(grid(*args)).splitlines()  # type: ignore[arg-type]  # as the test gives them


def test_numbers_stand_at_the_right_and_texts_at_the_left() -> None:
    rows = [
        {"d": "2026-11-22", "name": "WB", "rub": -15_000},
        {"d": "2026-11-02", "name": "OZON", "rub": 7.4},
    ]
    assert lines(rows, [DAY, NAME, SUM]) == [
        "   Day Name  Sum, ₽",
        "22 Nov WB   -15 000",
        " 2 Nov OZON       7",
    ]


def test_a_table_without_titles_has_no_head() -> None:
    assert lines([{"k": "load", "v": 0.5}], ["k", "v||number"]) == ["load 0.50"]


@dataclass
class Process:
    name: str
    rss: int


def test_rows_may_be_objects_and_columns_short() -> None:
    rows = [Process("python3", 1_500_000_000), Process("uvicorn", 90_000)]
    assert lines(rows, ["name|Process", "rss|Memory|size"]) == [
        "Process Memory",
        "python3 1.5 GB",
        "uvicorn  90 kB",
    ]


def test_a_long_text_gives_way_to_numbers() -> None:
    rows = [{"d": "2026-11-22", "name": "x" * 40, "rub": 123_456_789_012}]
    head, line = lines(rows, [DAY, NAME, SUM])
    assert line == "22 Nov xxxxxxxxxxxx… 123 456 789 012"
    assert len(head) == len(line) == WIDTH


def test_what_does_not_fit_goes_on_below_and_still_lines_up() -> None:
    columns = [NAME, *(Column(f"n{n}", f"N{n}", Kind.MONEY) for n in range(3))]
    row = {"name": "Anthracite socks", **{f"n{n}": 123_456_789_012 for n in range(3)}}
    assert lines([row], columns) == [
        "Name                          N0",
        "              N1              N2",
        "Anthracite socks 123 456 789 012",
        " 123 456 789 012 123 456 789 012",
    ]


def test_a_title_may_be_cut_and_a_number_never() -> None:
    column = Column("n", "Commissions of the marketplace in roubles", Kind.MONEY)
    assert lines([{"n": 1}], [column]) == ["Commissions of the marketplace in r…", f"{1:>36}"]
    narrow = grid([{"n": 10**14}], [column], width=12)
    assert spaced(narrow).splitlines()[1].replace(" ", "") == "1" + 14 * "0"


@pytest.mark.parametrize(
    ("kind", "value", "text"),
    [
        (Kind.NUMBER, 12345, "12 345"),
        (Kind.NUMBER, "0.256", "0.26"),
        (Kind.PERCENT, 97.5, "97.5 %"),
        (Kind.SIZE, 5_600_000_000, "5.6 GB"),
        (Kind.SPAN, 7500, "2 h 5 min"),
        (Kind.DATE, "30.09.2025", "30.09.2025"),
        (Kind.MONEY, "n/a", "n/a"),
        (Kind.MONEY, None, "–"),
        (Kind.MONEY, float("nan"), "nan"),
        (Kind.TEXT, "", "–"),
        (Kind.TEXT, "two\nlines\u202e", "two lines"),
    ],
)
def test_values_are_written_by_their_kind(kind: Kind, value: object, text: str) -> None:
    assert lines([{"v": value}], [Column("v", "", kind)]) == [text]


def test_a_kind_may_be_written_otherwise() -> None:
    column = Column("at", "", Kind.TIME)
    assert grid([{"at": "2026-11-22 10:00"}], [column]) == "2026-11-22 10:00"
    assert grid([{"at": 1}], [column], writers={Kind.TIME: lambda _: "13:00"}) == "13:00"


def test_no_rows_are_no_table() -> None:
    assert grid([], [NAME]) == ""


@pytest.mark.parametrize(
    ("text", "width", "short"),
    [("abc", 3, "abc"), ("abcd", 3, "ab…"), ("中文字", 5, "中文…"), ("a b", 2, "a…")],
)
def test_texts_are_cut_as_people_see_them(text: str, width: int, short: str) -> None:
    assert cut(text, width) == short


CELLS = {
    Kind.TEXT: st.text(max_size=60),
    Kind.MONEY: st.floats(-999_999_999_999, 999_999_999_999),
    Kind.NUMBER: st.integers(-999_999_999_999, 999_999_999_999),
    Kind.DATE: st.dates().map(str),
}


@settings(max_examples=40, deadline=None)
@given(st.lists(st.sampled_from(list(CELLS)), min_size=1, max_size=7), st.data())
def test_whatever_the_rows_they_fit(kinds: list[Kind], data: st.DataObject) -> None:
    columns = [Column(str(at), f"Title {at}", kind) for at, kind in enumerate(kinds)]
    row = st.fixed_dictionaries({one.key: CELLS[one.kind] for one in columns})
    rows = data.draw(st.lists(row, min_size=1, max_size=4))
    made = grid(rows, columns).split("\n")
    assert max(map(shown_width, made)) <= WIDTH
    assert len(made) % (len(rows) + 1) == 0  # every row, the head too, has as many lines
    for one in columns:
        if one.kind is Kind.MONEY:
            assert all(
                grid([each], [one], width=99).split("\n")[1].strip() in "\n".join(made)
                for each in rows
            )
