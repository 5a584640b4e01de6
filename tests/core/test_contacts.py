"""Contacts as the settings write them."""

import pytest

from bot.core.contacts import Contact, merged, parse


def test_roles_and_their_ways() -> None:
    found = parse("System  admin = @anna, +7 900 1234567; Finance=finance@a.example;")
    assert found == (
        Contact("System admin", ("@anna", "+7 900 1234567")),
        Contact("Finance", ("finance@a.example",)),
    )


@pytest.mark.parametrize("text", ["Finance", "=a@b.example", "Finance=", "Finance= ,"])
def test_what_is_no_contact_is_said(text: str) -> None:
    with pytest.raises(ValueError, match="is not a role"):
        parse(text)


def test_what_is_named_replaces_what_is_known() -> None:
    named = parse("finance=x@y.example")
    known = parse("Finance=a@b.example; WB support=wb@c.example")
    assert [one.ways[0] for one in merged(named, known)] == ["x@y.example", "wb@c.example"]
