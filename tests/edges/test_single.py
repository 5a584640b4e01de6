"""Two assistants never share one state database."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from bot.edges.single import AlreadyRunningError, SingleInstance

HOLD = """
import sys, time, pathlib
from bot.edges.single import SingleInstance
with SingleInstance(pathlib.Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_the_second_one_is_told_who_holds_it_and_a_killed_one_holds_nothing(
    tmp_path: Path,
) -> None:
    state = tmp_path / "state.db"
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(state)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(AlreadyRunningError, match=str(holder.pid)), SingleInstance(state):
            pass
        holder.send_signal(signal.SIGKILL)
        holder.wait()
    with SingleInstance(state):
        pass
