"""What in a SQLite database would not work on PostgreSQL as it is. Pure, and not exhaustive."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from bot.core.model import Row

_COMMENT: Final = re.compile(r"--[^\n]*|/\*.*?\*/", re.DOTALL)
# What people write in SQLite that PostgreSQL refuses, or understands differently.
_WORDS: Final = {
    "strftime": r"\bstrftime\s*\(",
    "julianday": r"\bjulianday\s*\(",
    "date('now')": r"\b(?:date|time|datetime)\s*\(\s*'now'",
    "date(…, '…')": r"\b(?:date|datetime)\s*\([^()]*,\s*'",
    "ifnull": r"\bifnull\s*\(",
    "group_concat": r"\bgroup_concat\s*\(",
    "json_extract": r"\bjson_extract\s*\(",
    "printf": r"\bprintf\s*\(",
    "total": r"\btotal\s*\(",
    "rowid": r"\b(?<!without )rowid\b",
    "GLOB": r"\bglob\b",
    "INSERT OR": r"\binsert\s+or\b",
    "AUTOINCREMENT": r"\bautoincrement\b",
    "WITHOUT ROWID": r"\bwithout\s+rowid\b",
    "[name]": r"\[\w+\]",
}
_PATTERNS: Final = {word: re.compile(text, re.IGNORECASE) for word, text in _WORDS.items()}
_NAMES_OF_COLUMNS: Final = {"total"}  # a table may well have such a column
_KEY: Final = re.compile(r"\bprimary\s+key\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Blocker:
    """One table, view, index or trigger, and what in it must be written anew."""

    kind: str
    name: str
    words: Sequence[str]
    no_key: bool = False


def blockers(schema: Iterable[Row]) -> list[Blocker]:
    found = []
    for row in schema:
        kind, name = str(row["type"]), str(row["name"])
        sql = _COMMENT.sub(" ", str(row["sql"]))
        body = sql.partition("(")[2] if kind == "table" else sql
        words = [
            word
            for word, pattern in _PATTERNS.items()
            if pattern.search(body) and not (kind == "table" and word in _NAMES_OF_COLUMNS)
        ]
        no_key = kind == "table" and not _KEY.search(sql)
        if words or no_key:
            found.append(Blocker(kind, name, words, no_key))
    return found
