"""What a Wildberries token says of itself. It is a JWT: its middle can be read without a key."""

import base64
import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import IntEnum
from typing import Final

LONGEST: Final = 8_000  # characters; a real one has about 600
READ_ONLY: Final = 30  # bit of the mask


class Category(IntEnum):
    """Bits of the scope mask `s`, as Wildberries documents them."""

    CONTENT = 1
    ANALYTICS = 2
    PRICES = 3
    MARKETPLACE = 4
    STATISTICS = 5
    PROMOTION = 6
    FEEDBACKS = 7
    BUYER_CHAT = 9
    SUPPLIES = 10
    RETURNS = 11
    DOCUMENTS = 12
    FINANCE = 13
    USERS = 16

    @property
    def label(self) -> str:
        return self.name.replace("_", " ").capitalize()


@dataclass(frozen=True, slots=True, kw_only=True)
class WbToken:
    """`mask` None: the token says nothing of its scopes. `sandbox`: for the test shop only."""

    expires: datetime
    mask: int | None = None
    sandbox: bool = False

    @property
    def scopes(self) -> Sequence[Category]:
        mask = self.mask or 0
        return [one for one in Category if mask >> one & 1]

    @property
    def read_only(self) -> bool:
        return bool((self.mask or 0) >> READ_ONLY & 1)

    def lacks(self, wanted: Collection[Category]) -> bool:
        """Whether it opens none of these categories; a token without a mask may open any."""
        return self.mask is not None and not set(wanted) & set(self.scopes)


def read(token: str) -> WbToken | None:
    """None for whatever is no JWT with an end: cut short, mistyped, or of another kind."""
    parts = token.strip().split(".")
    if len(parts) != 3 or len(token) > LONGEST:  # noqa: PLR2004  # header, claims, signature
        return None
    try:
        claims = json.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
        ends = claims["exp"]
        if isinstance(ends, bool):
            return None
        expires = datetime.fromtimestamp(ends, UTC)
    except (ValueError, LookupError, TypeError, OverflowError, OSError, RecursionError):
        return None
    mask = claims.get("s")
    known = isinstance(mask, int) and not isinstance(mask, bool) and mask >= 0
    return WbToken(expires=expires, mask=mask if known else None, sandbox=claims.get("t") is True)
