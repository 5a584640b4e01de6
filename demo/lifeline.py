"""Ties a process to the one that started it: when the parent dies, even by `kill -9`, it ends.

`python -m demo.lifeline COMMAND …` does so for a command that does not do it itself.
"""

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1  # linux/prctl.h; it outlives exec


def hold(number: signal.Signals = signal.SIGTERM) -> None:
    """Ask the kernel for `number` when the parent dies; does nothing where it cannot."""
    if sys.platform != "linux":
        return
    parent = os.getppid()
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, int(number), 0, 0, 0)
    if os.getppid() != parent:  # it died in between
        sys.exit(1)


if __name__ == "__main__":
    hold()
    os.execvp(sys.argv[1], sys.argv[1:])  # noqa: S606  # becomes the command, on purpose
