"""Answers as Wildberries and Ozon give them, and what they say about our key."""

import json
from datetime import timedelta
from email.utils import format_datetime

import pytest

from bot.core.market_answer import Heard, said, verdict, wait_until
from bot.core.markets import Verdict
from tests.conftest import NOON

PAGE = b"\n<html><body>Access denied</body></html>"


def heard(status: int, body: object = None, **headers: str) -> Heard:
    content = body if isinstance(body, bytes) else json.dumps(body or {}).encode()
    return Heard(
        status=status,
        headers={name.replace("_", "-"): value for name, value in headers.items()},
        body=content,
    )


def wb(detail: str, status: int = 401) -> Heard:
    body = {"title": "unauthorized", "detail": detail, "origin": "s2s-api-auth", "status": status}
    return heard(status, body)


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (heard(200, {"TS": "2026", "Status": "OK"}), Verdict.WORKS),
        (heard(200, b"hello"), Verdict.STRANGE),
        (heard(200, b"[]"), Verdict.STRANGE),
        (heard(200, PAGE), Verdict.PAGE),
        (heard(403, PAGE), Verdict.PAGE),
        (heard(503, PAGE), Verdict.THEIR_SIDE),
        (heard(500), Verdict.THEIR_SIDE),
        (heard(429), Verdict.LIMITED),
        (heard(404), Verdict.STRANGE),
        (heard(302), Verdict.STRANGE),
        (wb("token expired"), Verdict.EXPIRED),
        (wb("access token expired"), Verdict.EXPIRED),
        (wb("token withdrawn"), Verdict.WITHDRAWN),
        (wb("token scope not allowed"), Verdict.WRONG_CATEGORY),
        (wb("token is malformed: could not base64 decode"), Verdict.MALFORMED),
        (wb("something new"), Verdict.REFUSED),
        (heard(401, b"nonsense"), Verdict.REFUSED),
        (
            heard(403, {"code": 7, "message": "Api-Key is missing a required role"}),
            Verdict.WRONG_CATEGORY,
        ),
        (
            heard(401, {"code": 16, "message": "Client-Id and Api-Key headers are required"}),
            Verdict.REFUSED,
        ),
        (heard(403, {"message": "Api-key is deactivated, use another one"}), Verdict.WITHDRAWN),
    ],
)
def test_each_answer_says_whose_turn_it_is(answer: Heard, expected: Verdict) -> None:
    assert verdict(answer) is expected


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"x_ratelimit_retry": "7"}, 7),
        ({"x_ratelimit_retry": "7", "retry_after": "90"}, 7),
        ({"retry_after": "90"}, 90),
        ({"retry_after": format_datetime(NOON + timedelta(seconds=40), usegmt=True)}, 40),
        ({"retry_after": format_datetime(NOON - timedelta(hours=1), usegmt=True)}, 1),
        ({"retry_after": "0"}, 1),
        ({"retry_after": "soon"}, 60),
        ({"retry_after": "-5"}, 60),
        ({"retry_after": "9" * 30}, 86_400),
        ({"retry_after": "\N{ARABIC-INDIC DIGIT SEVEN}"}, 60),
        ({}, 60),
    ],
)
def test_a_limit_is_honoured_for_as_long_as_it_asks(headers: dict[str, str], seconds: int) -> None:
    assert wait_until(heard(429, **headers), NOON) == NOON + timedelta(seconds=seconds)


def test_only_a_limit_asks_for_a_pause() -> None:
    assert wait_until(heard(503, retry_after="60"), NOON) is None


def test_their_words_are_one_short_line() -> None:
    assert said(wb("line\nbreak\x1b[31m" + "x" * 500)).startswith("line break [31mxxx")
    assert len(said(wb("x" * 500))) == 120
    assert said(heard(401, {"detail": 5})) == ""
    assert said(heard(401, b"\xff")) == ""
