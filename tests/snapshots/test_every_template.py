"""No text is sent that nobody has read: each template is part of a snapshot, or says why not."""

from pathlib import Path

import pytest

from bot.edges.templates import FOLDER
from tests.paper import MADE_OF

TESTS = Path(__file__).resolve().parents[1]
# What people never see in a chat, by the folder or file that it is in.
NOT_SENT = {
    "web/": "a page of the HTTP API, looked at in tests/web",
    "phrases/": "sentences, each looked at in test_phrases",
    "mirror/": "lines of a terminal, held in tests/edges/mirror",
    "manual/diagnosis.html.j2": "only where the latency check is switched off",
    "review/diagnosis.html.j2": "only where the outliers check is switched off",
}
TEXTS = sorted(
    name
    for name in (str(one.relative_to(FOLDER)) for one in FOLDER.rglob("*"))
    if name.endswith((".html.j2", ".txt.j2")) and not name.startswith(tuple(NOT_SENT))
)


@pytest.fixture(scope="module")
def shown() -> set[str]:
    """All templates that some snapshot names in its last line."""
    return {
        name
        for kept in TESTS.rglob("*.html")
        for line in kept.read_text("utf-8").splitlines()
        if line.startswith(MADE_OF)
        for name in line.removeprefix(MADE_OF).split()
    }


@pytest.mark.parametrize("name", TEXTS)
def test_a_template_is_part_of_a_snapshot(name: str, shown: set[str]) -> None:
    assert name in shown


def test_what_is_left_out_exists() -> None:
    there = [str(one.relative_to(FOLDER)) for one in FOLDER.rglob("*") if one.is_file()]
    assert [one for one in NOT_SENT if not any(name.startswith(one) for name in there)] == []
