"""The one line that a start ends with where it cannot be."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from bot.commands.words import words
from bot.core.model import Phrase, phrase
from bot.edges.store.rows import from_phrase
from demo.telegram import DEMO_TOKEN

ROOT = Path(__file__).resolve().parents[2]
ORPHANS = phrase("upgrade_orphans", table="posts", target="alerts")
NO_COPY = phrase("backup_not_written", path="/b/x.db", error="No space left on device")
OLD = "STATE_DATABASE_URL: the tables were not brought up to date: "


@pytest.mark.parametrize(
    ("said", "line"),
    [
        (
            phrase("start_token"),
            "BOT_TOKEN: Telegram does not know this token. Get the right one from @BotFather.",
        ),
        (
            phrase("start_listen", address="[::1]:80", error="Permission denied"),
            "HTTP_LISTEN: cannot listen on [::1]:80: Permission denied. Empty turns it off.",
        ),
        (
            phrase("start_listen", address="ops.invalid:80", error=""),
            (
                "HTTP_LISTEN: cannot listen on ops.invalid:80: there is no such host. "
                "Empty turns it off."
            ),
        ),
        (
            phrase("start_newer", path="/s/bot.db", version="9999"),
            (
                "STATE_DATABASE_URL: /s/bot.db was written by a newer release (version 9999). "
                "Install that release; the file was left as it is."
            ),
        ),
        (
            phrase("start_not_upgraded", why=from_phrase(ORPHANS)),
            f"{OLD}a row of posts would refer to nothing in alerts.",
        ),
        (
            phrase("start_not_upgraded", why=from_phrase(NO_COPY)),
            f"{OLD}/b/x.db cannot be written: No space left on device.",
        ),
    ],
)
def test_why_it_did_not_start(said: Phrase, line: str) -> None:
    assert words(said) == line


def started(folder: Path) -> subprocess.CompletedProcess[str]:
    settings = {
        "BOT_TOKEN": DEMO_TOKEN,
        "ADMIN_CHAT_ID": "5",
        "HTTP_LISTEN": "",
        "PYTHONPATH": str(ROOT),
        "PATH": os.environ["PATH"],
    }
    return subprocess.run(
        [sys.executable, "-m", "bot", "run"],
        env=settings,
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )


def test_damaged_tables_end_the_start_with_a_line_and_are_left_as_they_are(tmp_path: Path) -> None:
    state = tmp_path / "ops_state.db"
    state.write_bytes(b"no database at all")
    done = started(tmp_path)
    assert done.returncode == 1
    [line] = done.stderr.splitlines()
    assert line.startswith(
        "STATE_DATABASE_URL: ops_state.db cannot be used: file is not a database"
    )
    assert state.read_bytes() == b"no database at all"


def test_a_file_that_cannot_be_opened_ends_the_start_with_its_name(tmp_path: Path) -> None:
    (tmp_path / "ops_state.db.lock").mkdir()
    done = started(tmp_path)
    assert done.returncode == 1
    assert done.stderr == "ops_state.db.lock cannot be used: Is a directory.\n"
