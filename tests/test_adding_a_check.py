"""The worked example of docs/adding-a-check.md works as it stands there."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import checks

ROOT = Path(__file__).resolve().parent.parent
BLOCK = re.compile(r"(?m)^`([\w./-]+)`:\n\n```\w+\n(.*?)^```$", re.DOTALL)
COPIED = ("bot", "checks", "demo", "docs", "handlers", "templates", "tests")
ADDRESSED = ("README.md", "benchmarks/RESULTS.md")  # the one links to the other
ADDED_TO = "docs/checks.md"


def test_the_example_and_the_catalogue_hold(tmp_path: Path) -> None:
    blocks = BLOCK.findall((ROOT / "docs" / "adding-a-check.md").read_text(encoding="utf-8"))
    assert len(blocks) == 7
    for name in COPIED:
        unused = shutil.ignore_patterns("__pycache__", "*.png")
        shutil.copytree(ROOT / name, tmp_path / name, ignore=unused)
    for image in (ROOT / "docs" / "images").glob("*.png"):
        (tmp_path / "docs" / "images" / image.name).touch()  # links are looked at, not pictures
    (tmp_path / "benchmarks").mkdir()
    for name in (*ADDRESSED, "CHANGELOG.md", "pyproject.toml", "Makefile"):
        shutil.copy(ROOT / name, tmp_path / name)
    for name, text in blocks:
        write(tmp_path / name, text, add=name == ADDED_TO)
    run(tmp_path, "-m", "bot.commands.reference")
    own = "tests/checks/test_unanswered_reviews.py"
    snapshots = "tests/snapshots/test_cards.py"
    run(
        tmp_path,
        "-m",
        "pytest",
        "-q",
        "-x",
        "-p",
        "no:cacheprovider",
        own,
        f"{snapshots}::test_a_card_reads_as_it_should[check_unanswered_reviews]",
        "tests/test_catalog.py",
        UPDATE_SNAPSHOTS="1",
    )
    kept = tmp_path / "tests/snapshots/cards/check_unanswered_reviews.html"
    assert "9 999 bad reviews on WB wait for an answer" in kept.read_text(encoding="utf-8")


def write(path: Path, text: str, *, add: bool) -> None:
    path.parent.mkdir(exist_ok=True)
    # "The next free one" of the document may have been taken since.
    text = re.sub(r"number=\d+", f"number={len(checks.load({})) + 1}", text)
    before = path.read_text(encoding="utf-8") if add else ""
    path.write_text(f"{before}{text}", encoding="utf-8")


def run(folder: Path, *arguments: str, **environ: str) -> None:
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=folder,
        env={**os.environ, **environ},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-2000:]
