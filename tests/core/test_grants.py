"""Tokens of the API: what the settings keep of them, and what each may do."""

import pytest

from bot.core import grants
from bot.core.access import Access
from bot.core.grants import ApiToken, Grant
from bot.core.model import Role

HASH = grants.digest("x")


def test_a_token_is_found_by_its_secret_alone() -> None:
    secret, made = grants.make("grafana", Grant.VIEWER, 7)
    others = grants.parse(f"a:admin:{HASH}, {made}")
    assert grants.find(others, secret) == made
    assert secret not in str(made)
    for wrong in ("", secret[:-1], secret + " ", made.digest, "\udcff", "ключ"):
        assert grants.find(others, wrong) is None
    assert grants.find((), secret) is None


def test_two_tokens_of_one_name_are_never_alike() -> None:
    assert grants.make("a", Grant.ADMIN)[0] != grants.make("a", Grant.ADMIN)[0]
    assert len(grants.make("a", Grant.ADMIN)[0]) >= 43  # 256 bits


def test_it_is_read_back_as_it_was_written() -> None:
    tokens = (ApiToken("a", Grant.SENDER, HASH), ApiToken("b", Grant.ADMIN, "0" * 64, 42))
    assert grants.parse(",".join(map(str, tokens))) == tokens
    assert grants.parse(" ") == ()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a", "is not name:role:sha256"),
        ("a:admin", "is not name:role:sha256"),
        (f"a:admin:{HASH}:1:2", "is not name:role:sha256"),
        (f":admin:{HASH}", "is not a name"),
        (f"a b:admin:{HASH}", "is not a name"),
        (f"ADMIN_TOKEN:admin:{HASH}", "is not a name"),
        (f"a:root:{HASH}", "with a role of sender, viewer, manager, admin"),
        ("a:admin:1234", "64 hexadecimal"),
        (f"a:admin:{HASH.upper()}", "64 hexadecimal"),
        (f"a:admin:{HASH}:ann", "user id"),
        (f"a:admin:{HASH}:-5", "user id"),
        (f"a:admin:{HASH},a:viewer:{'0' * 64}", "same name"),
        (f"a:admin:{HASH},b:viewer:{HASH}", "same hash"),
    ],
)
def test_a_mistake_is_one_line(text: str, words: str) -> None:
    with pytest.raises(ValueError, match=words) as refused:
        grants.parse(text)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("around", ["{}", "{}:{}", "grafana:{}:viewer", "{},b:viewer:12", ":{}"])
def test_a_secret_in_the_place_of_its_line_is_not_repeated(around: str) -> None:
    secret, _ = grants.make("grafana", Grant.VIEWER, None)
    with pytest.raises(ValueError, match="is not name:role:sha256") as refused:
        grants.parse(around.format(secret, secret))
    assert secret[:5] not in str(refused.value)


def test_nor_is_one_in_the_place_of_its_name() -> None:
    secret, _ = grants.make("grafana", Grant.VIEWER)
    with pytest.raises(ValueError, match="is not a name for a token") as refused:
        grants.parse(f"{secret}:viewer:{HASH}")
    assert secret[:5] not in str(refused.value)


def test_no_token_is_made_for_what_cannot_be_a_name() -> None:
    for name in ("", "a b", "a:b", "ADMIN_TOKEN", "x" * 33):
        with pytest.raises(ValueError, match="is not a name for a token"):
            grants.make(name, Grant.VIEWER)


def test_a_sender_reads_nothing_and_a_viewer_brings_nothing() -> None:
    may = {one: {need for need in Grant if one.covers(need)} for one in Grant}
    assert may[Grant.SENDER] == {Grant.SENDER}
    assert may[Grant.VIEWER] == {Grant.VIEWER}
    assert may[Grant.MANAGER] == {Grant.SENDER, Grant.VIEWER, Grant.MANAGER}
    assert may[Grant.ADMIN] == set(Grant)


def test_a_token_is_never_worth_more_than_its_person() -> None:
    assert Grant.ADMIN.at_most(Role.VIEWER) is Grant.VIEWER
    assert Grant.ADMIN.at_most(Role.MANAGER) is Grant.MANAGER
    assert Grant.VIEWER.at_most(Role.ADMIN) is Grant.VIEWER
    assert Grant.SENDER.at_most(Role.VIEWER) is Grant.SENDER


def test_what_a_number_may_do_is_said_by_the_settings_of_today() -> None:
    access = Access(admins={7}, managers={8}, viewers=(), chats=())
    alone, sender = ApiToken("ci", Grant.MANAGER, HASH), ApiToken("am", Grant.SENDER, HASH)
    owned = ApiToken("grafana", Grant.ADMIN, HASH, 8)
    tokens = (alone, sender, owned)
    assert grants.role_of(access, tokens, alone.number) is Role.MANAGER
    assert grants.role_of(access, tokens, sender.number) is None
    assert grants.role_of(access, tokens, owned.number) is Role.MANAGER  # its person's
    assert grants.role_of(access, (), alone.number) is None
    assert grants.role_of(access, (), 7) is Role.ADMIN
    assert grants.role_of(access, tokens, 9) is None
