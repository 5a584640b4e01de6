"""Arguments, as people type them and as buttons carry them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import pytest

from bot.core.params import Param, WrongArguments, date_of, days, marketplace, parse, spoken, usage

TODAY = date(2026, 3, 1)


@dataclass
class Taker:
    params: Sequence[Param]

    @property
    def usage(self) -> str:
        return usage("it", self.params)


DAY = Param(name="day", day=True)
SKU = Param(name="sku", default="", pattern=r"[\w-]{1,40}", like="socks-7")
REST = Param(name="category", default="", rest=True)


@pytest.mark.parametrize(
    ("param", "word", "value"),
    [
        (days(), "30", 30),
        (days(), "#30", 30),
        (DAY, "2026-02-28", "2026-02-28"),
        (DAY, "Yesterday", "yesterday"),
        (DAY, "TODAY", "today"),
        (marketplace(), "ozon", "OZON"),
        (marketplace("all"), "ALL", "all"),
        (SKU, "wb-socks_7", "wb-socks_7"),
        (SKU, "-", ""),
        (days(), "-", 7),
        (Param(name="text"), "-", "-"),
    ],
)
def test_a_word_that_fits(param: Param, word: str, value: int | str) -> None:
    assert parse(Taker([param]), [word]) == {param.name: value}


@pytest.mark.parametrize(
    ("param", "word", "key"),
    [
        (days(), "0", "usage_number"),
        (days(), "91", "usage_number"),
        (days(), "7.5", "usage_number"),
        (days(), "-7", "usage_number"),
        (DAY, "2026-02-30", "usage_day"),
        (DAY, "20260228", "usage_day"),
        (DAY, "2026-W09-6", "usage_day"),
        (DAY, "28.02.2026", "usage_day"),
        (DAY, "\u0662026-02-28", "usage_day"),
        (DAY, "-", "usage_day"),
        (marketplace(), "all", "usage_words"),
        (marketplace(), "-", "usage_words"),
        (SKU, "a'b", "usage_pattern"),
        (SKU, "x" * 41, "usage_pattern"),
    ],
)
def test_a_word_that_does_not_fit(param: Param, word: str, key: str) -> None:
    with pytest.raises(WrongArguments) as wrong:
        parse(Taker([param]), [word])
    assert wrong.value.why.key == key
    assert wrong.value.why.values["usage"] == Taker([param]).usage


def test_what_must_be_given_is_asked_for() -> None:
    with pytest.raises(WrongArguments) as wrong:
        parse(Taker([marketplace(), REST]), [])
    assert wrong.value.why.values == {
        "usage": "/it <marketplace> [category]",
        "name": "marketplace",
    }


@pytest.mark.parametrize(
    ("words", "carried"),
    [
        (["wb", "30", "Home", "&", "garden"], "WB 30 Home & garden"),
        (["wb", "-", "Home"], "WB 7 Home"),
        (["wb"], "WB 7"),
    ],
)
def test_a_button_carries_what_was_asked(words: list[str], carried: str) -> None:
    taker = Taker([marketplace(), days(), REST])
    args = parse(taker, words)
    assert spoken(taker, args) == carried
    assert parse(taker, carried.split()) == args


def test_what_is_left_out_in_the_middle_stays_left_out() -> None:
    taker = Taker([SKU, days()])
    args = parse(taker, ["-", "14"])
    assert args == {"sku": "", "days": 14}
    assert spoken(taker, args) == "- 14"
    assert spoken(Taker([days(), SKU]), {"days": 7, "sku": ""}) == "7"


@pytest.mark.parametrize(
    ("value", "day"),
    [("yesterday", "2026-02-28"), ("today", "2026-03-01"), ("2025-10-01", "2025-10-01")],
)
def test_days_are_those_of_the_moment(value: str, day: str) -> None:
    assert date_of(value, TODAY).isoformat() == day


def test_a_number_may_be_left_out_before_a_word_of_a_list() -> None:
    what = Param(name="what", default="all", words=("ingest", "all"))
    taker = Taker([days(30), what])
    assert parse(taker, ["Ingest"]) == {"days": 30, "what": "ingest"}
    assert parse(taker, ["7", "ingest"]) == {"days": 7, "what": "ingest"}
    with pytest.raises(WrongArguments):
        parse(taker, ["nothing"])
    with pytest.raises(WrongArguments):
        parse(taker, ["ingest", "7"])
    with pytest.raises(WrongArguments):
        parse(Taker([Param(name="id", low=1), what]), ["ingest"])  # it must be given


@pytest.mark.parametrize(
    ("text", "minutes", "words"),
    [
        ("bot", 60, ""),
        ("bot 15", 15, ""),
        ("bot error", 60, "error"),
        ("bot 15 rate limit", 15, "rate limit"),
        ("bot rate limit", 60, "rate limit"),
        ("bot 15 15", 15, "15"),
    ],
)
def test_a_number_may_be_left_out_before_free_words(text: str, minutes: int, words: str) -> None:
    params = [
        Param(name="service", words=["bot"]),
        Param(name="minutes", default=60, low=1, high=99),
        Param(name="filter", default="", rest=True),
    ]
    found = parse(Taker(params), text.split())
    assert (found["minutes"], found["filter"]) == (minutes, words)
