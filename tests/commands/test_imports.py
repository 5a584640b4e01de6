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
LOADS = """
import sys
from bot.edges.telegram.deferred import import_aiogram
import_aiogram()
import bot.commands.run, bot.commands.polling
print(*sys.modules)
from aiogram import types
made = [getattr(types, name) for name in types.__all__]
print(sum(getattr(one, "__pydantic_complete__", False) for one in made))
"""


def test_a_start_loads_nothing_heavy() -> None:
    loaded = subprocess.run([sys.executable, "-c", LOADS], capture_output=True, check=True)
    modules, types_built = loaded.stdout.decode().splitlines()
    names = set(modules.split())
    assert "bot.core.desk" in names
    assert not names & HEAVY
    assert int(types_built) < 30, "aiogram has built types that nobody may ever use"
