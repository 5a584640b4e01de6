"""For how long rows are wanted, out of the words of a setting."""

from datetime import date

import pytest

from bot.core.retention import TABLES, Keep, parse


def test_tables_and_days_are_read() -> None:
    found = parse(" daily_sales = 180,job_runs=365, ")
    assert found == (Keep("daily_sales", 180), Keep("job_runs", 365))
    assert ",".join(map(str, found)) == "daily_sales=180,job_runs=365"
    assert found[0].before(date(2026, 11, 23)) == date(2026, 5, 27)


@pytest.mark.parametrize("text", ["", "off", " OFF ", "none"])
def test_nothing_has_an_end_where_it_is_off(text: str) -> None:
    assert parse(text) == ()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("180", "'180' is none of daily_sales, "),
        ("sku=180", "'sku' is none of"),
        ("daily_sales", "daily_sales: '' is not 90 to 3650 days"),
        ("daily_sales=30", "daily_sales: '30' is not 90 to 3650 days"),
        ("job_runs=29", "is not 30 to 3650"),
        ("job_runs=9999", "is not 30 to 3650"),
        ("job_runs=a year", "'a year' is not"),
        ("job_runs=90,job_runs=91", "job_runs is there twice"),
    ],
)
def test_a_mistake_is_one_line(text: str, words: str) -> None:
    with pytest.raises(ValueError, match=words) as refused:
        parse(text)
    assert "\n" not in str(refused.value)


def test_what_can_be_archived_takes_the_days_that_its_command_takes() -> None:
    assert [name for name, one in TABLES.items() if one.archived] == ["daily_sales"]
    assert TABLES["daily_sales"].fewest_days == 90
