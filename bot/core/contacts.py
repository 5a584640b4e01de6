"""Whom to call when the runbook is not enough. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Contact:
    """A role, and the ways to reach who has it: a phone, an address, a Telegram name."""

    role: str
    ways: tuple[str, ...]


def parse(text: str) -> tuple[Contact, ...]:
    """Read `System admin = @anna, +7 900 1234567; Finance = finance@example.com`."""
    return tuple(_contact(part.strip()) for part in text.split(";") if part.strip())


def merged(named: Sequence[Contact], known: Sequence[Contact]) -> tuple[Contact, ...]:
    """Those that were named first, then the others that are known from elsewhere."""
    roles = {one.role.casefold() for one in named}
    return (*named, *(one for one in known if one.role.casefold() not in roles))


def _contact(text: str) -> Contact:
    role, sign, rest = text.partition("=")
    ways = tuple(way.strip() for way in rest.split(",") if way.strip())
    if not sign or not role.strip() or not ways:
        raise ValueError(
            f"{text[:40]!r} is not a role and how to reach it, as Finance=a@b.example"
        )
    return Contact(" ".join(role.split()), ways)
