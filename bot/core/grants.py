"""Who may call the HTTP API: named tokens, each with what it may do. Pure.

Settings hold a token's SHA-256, never the token: it is 256 random bits, so nothing slower than a
plain hash is needed to make the hash useless to whoever reads it.
"""

import hashlib
import hmac
import re
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from zlib import crc32

from bot.core.access import Access
from bot.core.model import Role

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,31}")
LONGEST_NAME = 32
DIGEST = re.compile(r"[0-9a-f]{64}")
BYTES = 32
SHOP_TOKEN = "ADMIN_TOKEN"  # noqa: S105  # SoVAni's own: the name of a setting, not its value
LONGEST_ID = 15  # digits


class Grant(StrEnum):
    """What a token may do. A sender only brings alerts and heartbeats, and reads nothing."""

    SENDER = "sender"
    VIEWER = "viewer"
    MANAGER = "manager"
    ADMIN = "admin"

    def covers(self, needed: "Grant") -> bool:
        """Whether a token with this grant may do what needs that one."""
        return needed in _COVERED[self]

    def at_most(self, role: Role) -> "Grant":
        """Do no more than the person whom the token stands for."""
        if self is Grant.SENDER:
            return self
        return min(self, Grant(role), key=lambda one: len(_COVERED[one]))


_COVERED = {
    Grant.SENDER: {Grant.SENDER},
    Grant.VIEWER: {Grant.VIEWER},
    Grant.MANAGER: {Grant.SENDER, Grant.VIEWER, Grant.MANAGER},
    Grant.ADMIN: set(Grant),
}


@dataclass(frozen=True, slots=True)
class ApiToken:
    """One token: `user_id` is the person it stands for, where a person must stand behind it."""

    name: str
    grant: Grant
    digest: str
    user_id: int | None = None

    @property
    def number(self) -> int:
        """Whose acts its acts are: the person's, or its own where no person stands behind it.

        Its own is negative, as no person's is: two tokens are never taken for one.
        """
        return -1 - crc32(self.name.encode()) if self.user_id is None else self.user_id

    @property
    def role(self) -> Role | None:
        return None if self.grant is Grant.SENDER else Role(self.grant.value)

    def __str__(self) -> str:
        """As it stands in `API_TOKENS`."""
        person = "" if self.user_id is None else f":{self.user_id}"
        return f"{self.name}:{self.grant}:{self.digest}{person}"


def digest(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "surrogateescape")).hexdigest()


def make(name: str, grant: Grant, user_id: int | None = None) -> tuple[str, ApiToken]:
    """Make a new token: the secret, to be shown once, and what the settings keep of it.

    Raises `ValueError` where the name cannot be one.
    """
    _must_be_a_name(name)
    secret = secrets.token_urlsafe(BYTES)
    return secret, ApiToken(name, grant, digest(secret), user_id)


def parse(text: str) -> tuple[ApiToken, ...]:
    """Read `name:role:sha256[:user id]`, by comma; raise `ValueError` with what is wrong."""
    tokens = tuple(_token(part.strip()) for part in text.split(",") if part.strip())
    _once("name", [one.name for one in tokens])
    _once("hash", [one.digest for one in tokens])
    return tokens


def find(tokens: Iterable[ApiToken], secret: str) -> ApiToken | None:
    """The token with this secret; takes as long for a near miss as for a far one."""
    wanted = digest(secret).encode()
    found = None
    for token in tokens:
        if hmac.compare_digest(token.digest.encode(), wanted):
            found = token
    return found


def role_of(access: Access, tokens: Iterable[ApiToken], number: int) -> Role | None:
    """What this person, or this token without one, may do by the settings of today."""
    own = (one.role for one in tokens if one.user_id is None and one.number == number)
    return access.role(number) if number >= 0 else next(own, None)


def _token(text: str) -> ApiToken:
    name, _, after = text.partition(":")
    grant, *rest = after.split(":")
    if grant not in list(Grant):  # it may be the secret itself: no part of it is repeated
        raise ValueError(f"one is not name:role:sha256, with a role of {', '.join(Grant)}")
    _must_be_a_name(name)
    if len(rest) not in {1, 2}:
        raise ValueError(f"{name}: is not name:role:sha256 or name:role:sha256:user_id")
    hashed, *person = rest
    if not DIGEST.fullmatch(hashed):
        raise ValueError(f"{name}: the hash is not 64 hexadecimal digits")
    return ApiToken(name, Grant(grant), hashed, _person(name, person))


def _must_be_a_name(name: str) -> None:
    if not NAME.fullmatch(name) or name == SHOP_TOKEN:
        shown = f"{name[:4]}…" if len(name) > LONGEST_NAME else name  # a secret is longer
        raise ValueError(f"{shown!r} is not a name for a token")


def _person(name: str, words: Sequence[str]) -> int | None:
    if not words:
        return None
    digits = words[0]
    if not (digits.isascii() and digits.isdigit() and 0 < len(digits) <= LONGEST_ID):
        raise ValueError(f"{name}: {digits[:40]!r} is not a numeric user id")
    return int(digits)


def _once(what: str, values: Sequence[str]) -> None:
    if len(set(values)) != len(values):
        raise ValueError(f"two tokens have the same {what}")
