from datetime import timedelta

import pytest

from bot.core import log_reading
from bot.core.log_reading import BEGIN, CHAINED, bare, entries, grouped, matching, told
from bot.core.machine import LogLine
from tests.machine import LOG, NOON, line, traceback

MINUTE = timedelta(minutes=1)


def test_a_traceback_is_one_entry_with_its_last_frame_first() -> None:
    (one,) = entries(traceback("jobs", "ValueError: no rows", MINUTE))
    assert one.traceback
    assert one.error
    assert one.text == "ValueError: no rows"
    assert [frame.short for frame in one.frames] == [
        "jobs.py:41 collect_yesterday_data",
        "loop.py:88 run",
    ]
    assert len(one.lines) == 6
    assert one.last_at == NOON - MINUTE


def test_two_processes_talk_at_the_same_time() -> None:
    mine, other = (
        traceback(name, f"E: {name}", MINUTE, pid) for name, pid in (("a", 1), ("b", 2))
    )
    mixed = [one for pair in zip(mine, other, strict=True) for one in pair]
    mixed.insert(5, line("a word between", pid=3))
    found = entries(mixed)
    assert sorted(one.text for one in found) == ["E: a", "E: b", "a word between"]
    assert [frame.short for one in found for frame in one.frames[:1]] == [
        "a.py:41 collect_yesterday_data",
        "b.py:41 collect_yesterday_data",
    ]


@pytest.mark.parametrize("link", CHAINED)
def test_a_chain_of_tracebacks_is_what_came_out_last(link: str) -> None:
    chain = [
        *traceback("inner", "KeyError: 'd'", MINUTE),
        line("", pid=812),
        line(link, pid=812),
        line("", pid=812),
        *traceback("outer", "RuntimeError: no day", MINUTE),
        line("after", pid=812),
    ]
    one, after = entries(chain)
    assert one.text == "RuntimeError: no day"
    assert one.frames[0].short == "outer.py:41 collect_yesterday_data"
    assert "KeyError: 'd'" in one.lines
    assert (after.text, after.traceback) == ("after", False)


def test_a_traceback_that_is_cut_off_is_shown_as_such() -> None:
    (one,) = entries(traceback("jobs", "E", MINUTE)[:-1])
    assert (one.traceback, one.text) == (True, "…")
    (bare_one,) = entries([line(BEGIN)])
    assert bare_one.text == "…"
    assert list(bare_one.frames) == []


def test_what_repeats_is_counted_whatever_its_numbers() -> None:
    found = grouped(matching(entries(LOG), "traceback"))
    (one,) = found
    assert (one.count, one.text) == (17, "httpx.ReadTimeout: timed out after 1 s")
    assert one.first_at is not None
    assert one.last_at is not None
    assert one.first_at < one.last_at


def test_other_errors_and_other_places_are_not_counted_together() -> None:
    lines = [
        *traceback("jobs", "ValueError: a", MINUTE),
        *traceback("jobs", "KeyError: a", MINUTE),
        *traceback("other", "ValueError: a", MINUTE),
    ]
    assert [one.count for one in grouped(entries(lines))] == [1, 1, 1]


def test_a_plain_log_keeps_the_order_of_events() -> None:
    lines = [line(text) for text in ("started 1", "started 2", "done", "started 3")]
    assert [(one.text, one.count) for one in told(entries(lines))] == [
        ("started 2", 2),
        ("done", 1),
        ("started 3", 1),
    ]


def test_a_traceback_is_told_once_where_it_was_last() -> None:
    lines = [
        *traceback("jobs", "E: 1", 3 * MINUTE),
        line("between"),
        *traceback("jobs", "E: 2", MINUTE),
        line("end"),
    ]
    assert [(one.text, one.count) for one in told(entries(lines))] == [
        ("between", 1),
        ("E: 2", 2),
        ("end", 1),
    ]


@pytest.mark.parametrize(
    ("word", "texts"),
    [
        ("", ["ingest ok", "E: b", "An Error", "broke"]),
        ("INGEST", ["ingest ok"]),
        ("collect_yesterday", ["E: b"]),
        ("error", ["E: b", "An Error", "broke"]),
        ("Traceback", ["E: b"]),
        (".*", []),
        ("nothing", []),
    ],
)
def test_a_filter_is_a_word_and_never_a_pattern(word: str, texts: list[str]) -> None:
    lines = [
        line("ingest ok"),
        *traceback("b", "E: b", MINUTE),
        line("An Error"),
        line("broke", priority=3),
    ]
    assert [one.text for one in matching(entries(lines), word)] == texts


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        ("2026-11-23 11:09:01,123 INFO x", "INFO x"),
        ("[2026-11-23T11:09:01.1Z] x", "x"),
        ("2026-11-23 11:09:01+03:00 - x", "x"),
        ("no time", "no time"),
        ("2026-11-23 11:09:01", "2026-11-23 11:09:01"),
    ],
)
def test_the_time_in_a_line_is_not_said_twice(text: str, rest: str) -> None:
    assert bare(text) == rest


def test_twenty_thousand_lines_of_frames_do_not_become_one_answer() -> None:
    lines = [line(BEGIN), *(LogLine(at=NOON, text="  File") for _ in range(20_000))]
    (one,) = entries(lines)
    assert len(one.lines) == 20_001
    assert len(log_reading.grouped([one])) == 1
