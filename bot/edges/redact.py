"""Secrets, taken out of whatever is about to be shown."""

import json
import re
from collections.abc import Collection, Iterable
from urllib.parse import unquote, urlsplit

# Telegram tokens in URLs ("bot123:AA…") have no word boundary before them.
TOKEN = re.compile(r"(?<!\d)\d{6,12}:[A-Za-z0-9_-]{30,}")
HIDDEN = "«hidden»"
SHORTEST = 4  # a shorter "secret" would blank out ordinary words
LONG, TELLING = 16, 8  # characters of a secret whose first ones are no word by themselves
SHORTEST_PASSWORD = 8  # a shorter one may well be a word that is part of other names


# What names a secret, and how its value looks. All bounded: log lines come from strangers.
_NAME = r"(?:token|secret|passw|pwd|api[_-]?key|credential|[a-z]_key|dsn)[\w.-]{0,40}"
_QUOTED = r"\"[^\"]*\"|'[^']*'"
_BARE = r"[^\s,;&\"']+"
_TELLING = r"(?=\S*\d|\S{16})"  # "token: expired" is no token
_HINTS = (
    *("token", "secret", "passw", "pwd", "key", "credential", "dsn", "://"),
    *("bearer", "basic", "authorization", "eyj", "sk-"),
)
_FOREIGN = tuple(
    (re.compile(pattern, re.IGNORECASE), shown)
    for pattern, shown in (
        (rf"({_NAME}[\"']?\s{{0,4}}=\s{{0,4}})(?:{_QUOTED}|{_BARE})", rf"\1{HIDDEN}"),
        (rf"({_NAME}[\"']?\s{{0,4}}:\s{{0,4}})(?:{_QUOTED}|{_TELLING}{_BARE})", rf"\1{HIDDEN}"),
        (rf"(--[\w-]{{0,40}}{_NAME}\s{{1,4}})(?:{_QUOTED}|{_BARE})", rf"\1{HIDDEN}"),
        (r"\b((?:bearer|basic)\s{1,4})[\w.~+/=-]{8,}", rf"\1{HIDDEN}"),
        (
            r"(authorization[\"']?\s{0,4}[=:]\s{0,4}[\"']?)(?!bearer|basic)[\w.~+/=-]+",
            rf"\1{HIDDEN}",
        ),
        (r"\beyJ[\w-]{5,}\.[\w.-]+", HIDDEN),  # JWT, such as Wildberries' tokens
        (r"\bsk-[\w-]{16,}", HIDDEN),
        (r"(\w://[^\s/:@]{0,100}:)[^\s/@]+(?=@)", rf"\1{HIDDEN}"),  # a password in a URL
    )
)


class Redactor:
    """Takes known secrets, and whatever looks like a bot token, out of a finished line.

    It knows them as they are, and as JSON writes them.
    """

    def __init__(self, secrets: Iterable[str]) -> None:
        self._secrets: set[str] = set()
        self._known: re.Pattern[str] | None = None
        self._beginnings: list[tuple[str, str]] = []
        self.learn(secrets)

    def learn(self, secrets: Iterable[str]) -> None:
        """Hide these too from now on: some are made while the program runs."""
        found = [one for one in secrets if len(one) >= SHORTEST]
        self._secrets.update(found, (json.dumps(one, ensure_ascii=False)[1:-1] for one in found))
        longest_first = sorted(self._secrets, key=len, reverse=True)
        self._beginnings = [(_beginning(one), one) for one in longest_first if len(one) >= LONG]
        self._known = re.compile("|".join(map(re.escape, longest_first))) if found else self._known

    def __call__(self, line: str) -> str:
        line = TOKEN.sub(HIDDEN, line)
        if self._known is None:
            return line
        return self._without_beginning(self._known.sub(HIDDEN, line))

    def _without_beginning(self, line: str) -> str:
        """Hide the beginning of a secret that a text was cut within."""
        ended = line.rstrip("… \n")
        for begins, secret in self._beginnings:
            at = ended.rfind(begins)
            if at >= 0 and secret.startswith(ended[at:]):
                return f"{line[:at]}{HIDDEN}{line[len(ended) :]}"
        return line

    def of_others(self, text: str) -> str:
        """Hide in the words of other programs our secrets, and what looks like one of theirs."""
        return self(masked(text))


def _beginning(secret: str) -> str:
    """What tells it from other words: a bot's id, an address's host and user are no secrets."""
    scheme = secret.find("://")
    if scheme < 0:
        told = secret.find(":", 0, TELLING + LONG)
    else:
        told = secret.find(":" if "@" in secret else "/", scheme + 3)
        if told < 0:
            return secret
    return secret[: max(TELLING, told + 4)]


def masked(text: str) -> str:
    """Hide whatever looks like a secret in the words of other programs: we do not know theirs."""
    lower = text.lower()
    if not any(hint in lower for hint in _HINTS):  # most lines: twenty thousand are read at once
        return text
    for looks, shown in _FOREIGN:
        text = looks.sub(shown, text)
    return text


def passwords(values: Collection[str]) -> list[str]:
    """Find the passwords inside of addresses, as written and as they are meant.

    Drivers and libraries name the parts of an address one by one.
    """
    found = {password for value in values if "://" in value and (password := _password(value))}
    both = found | {unquote(password) for password in found}
    return [password for password in both if len(password) >= SHORTEST_PASSWORD]


def _password(url: str) -> str | None:
    try:
        return urlsplit(url).password
    except ValueError:  # such as a bracket that is not closed
        return None
