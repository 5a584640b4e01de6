"""What can be read from a token without asking anybody."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.core import wb_token
from bot.core.wb_token import Category
from tests.conftest import NOON
from tests.wb_tokens import ALL, STATS_READ_ONLY, jwt
from tests.wb_tokens import wb_token as made

ENDS = NOON + timedelta(days=100)


def test_end_and_scopes_are_read() -> None:
    token = wb_token.read(made(ENDS, STATS_READ_ONLY))
    assert token is not None
    assert token.expires == ENDS
    assert token.scopes == [Category.STATISTICS]
    assert token.read_only
    assert not token.sandbox
    assert token.lacks([Category.CONTENT])
    assert not token.lacks([Category.CONTENT, Category.STATISTICS])


def test_the_mask_of_most_tokens_opens_all_but_users() -> None:
    token = wb_token.read(made(ENDS, ALL))
    assert token is not None
    assert set(Category) - set(token.scopes) == {Category.USERS}
    assert not token.read_only


def test_a_token_of_the_test_shop_says_so() -> None:
    token = wb_token.read(made(ENDS, t=True))
    assert token is not None
    assert token.sandbox


@pytest.mark.parametrize("mask", [None, "16126", -1, True, 1.5])
def test_a_token_without_a_mask_is_not_accused(mask: object) -> None:
    token = wb_token.read(jwt(exp=int(ENDS.timestamp()), s=mask))
    assert token is not None
    assert token.scopes == []
    assert not token.lacks([Category.CONTENT])


@pytest.mark.parametrize(
    "text",
    [
        "",
        "abc",
        "a.b.c",
        "a.!!.c",
        "a..c",
        jwt(),
        jwt(exp="soon"),
        jwt(exp=1e30),
        jwt(exp=None),
        jwt(exp=True),
        jwt(exp=1)[:-20].rpartition(".")[0],
        "a." + "[" * 5000 + ".c",
        made(ENDS) + "x" * 9000,
        made(ENDS) + ".more",
        "токен.на.русском",
    ],
)
def test_what_is_no_token_is_none(text: str) -> None:
    assert wb_token.read(text) is None


def test_a_line_break_at_its_end_does_no_harm() -> None:
    token = wb_token.read(made(datetime(2027, 1, 1, tzinfo=UTC)) + "\n")
    assert token is not None
    assert token.expires.year == 2027
