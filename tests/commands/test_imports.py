"""What a start need not load: each of these costs memory or time that nobody may ever use."""

import subprocess
import sys

HEAVY = {
    "alembic",  # only an upgrade
    "dns",  # only where a second resolver is set
    "matplotlib",  # only the process that draws
    "numpy",  # likewise
    "openpyxl",  # only for whoever asks for a file
    "typer",  # the command line only
}
LOADS = "import sys, bot.commands.run, bot.commands.polling; print(*sys.modules)"


def test_a_start_loads_nothing_heavy() -> None:
    loaded = subprocess.run([sys.executable, "-c", LOADS], capture_output=True, check=True)
    names = set(loaded.stdout.decode().split())
    assert "bot.core.desk" in names
    assert not names & HEAVY
