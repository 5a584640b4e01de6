"""Secrets, taken out of whatever is about to be shown."""

import re
from collections.abc import Collection

# Telegram tokens in URLs ("bot123:AA…") have no word boundary before them.
TOKEN = re.compile(r"(?<!\d)\d{6,12}:[A-Za-z0-9_-]{30,}")
HIDDEN = "«hidden»"
SHORTEST = 4  # a shorter "secret" would blank out ordinary words


class Redactor:
    """Takes known secrets, and whatever looks like a bot token, out of a finished line."""

    def __init__(self, secrets: Collection[str]) -> None:
        known = sorted({one for one in secrets if len(one) >= SHORTEST}, key=len, reverse=True)
        self._known = re.compile("|".join(map(re.escape, known))) if known else None

    def __call__(self, line: str) -> str:
        line = TOKEN.sub(HIDDEN, line)
        return self._known.sub(HIDDEN, line) if self._known else line
