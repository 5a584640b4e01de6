"""`docs/alerts.md` promises nothing that no test holds."""

import ast
import re
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
TABLE = "\n| Claim | Test |\n|---|---|\n"
CLAIM = re.compile(r"^(?:- \*\*([A-Z]\d+)\*\* \S|\| \*\*([A-Z]\d+)\*\* \|)")
OTHER = re.compile(r"^(?:$|#|> |\| \||\|---)")  # headings, the introduction, heads of tables
ROW = re.compile(r"\| ([A-Z]\d+) \| (`[^`|]+`(?:, `[^`|]+`)*) \|")

text = (ROOT / "docs/alerts.md").read_text(encoding="utf-8")
prose, _, table = text.partition(TABLE)
LINES = re.sub(r"(?ms)^```.*?^```$", "", prose).splitlines()  # the picture is told below it
CLAIMS = [found[1] or found[2] for line in LINES if (found := CLAIM.match(line))]
ROWS = [ROW.fullmatch(line) for line in table.strip().splitlines()]
HELD = {row[1]: re.findall(r"`([^`]+)`", row[2]) for row in ROWS if row}


@cache
def names_in(path: str) -> frozenset[str]:
    """Names of the tests that pytest would find in a file; empty where there is none."""
    if not (ROOT / path).is_file():
        return frozenset()
    body = ast.parse((ROOT / path).read_text(encoding="utf-8")).body
    made = (one for one in body if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef))
    return frozenset(one.name for one in made if one.name.startswith("test_"))


def test_every_sentence_is_a_numbered_claim() -> None:
    assert CLAIMS
    assert [line for line in LINES if not CLAIM.match(line) and not OTHER.match(line)] == []
    assert [claim for claim, count in Counter(CLAIMS).items() if count > 1] == []


def test_every_claim_has_one_row_with_its_tests() -> None:
    assert all(ROWS)
    assert [row[1] for row in ROWS if row] == CLAIMS


@pytest.mark.parametrize("claim", HELD)
def test_the_tests_of_a_claim_exist(claim: str) -> None:
    named = [test.partition("::") for test in HELD[claim]]
    assert [f"{path}::{name}" for path, _, name in named if name not in names_in(path)] == []
