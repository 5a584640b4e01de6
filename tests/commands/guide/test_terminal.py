"""`python -m bot setup` as a process at a terminal of its own."""

import asyncio
import os
import pty
import signal
import subprocess
import sys
from pathlib import Path

from demo.telegram import DEMO_TOKEN, Emulator

ROOT = Path(__file__).resolve().parents[3]


def names(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


async def shown(terminal: int, text: str) -> str:
    """Read what is on the screen until it holds this text."""
    seen = ""
    async with asyncio.timeout(20):
        while text not in seen:
            seen += (await asyncio.to_thread(os.read, terminal, 4096)).decode(errors="replace")
    return seen


async def test_no_secret_is_echoed_and_ctrl_c_leaves_nothing(tmp_path: Path) -> None:
    master, slave = pty.openpty()
    async with Emulator() as emulator:
        env = os.environ | {"TELEGRAM_API_URL": emulator.url, "PYTHONPATH": str(ROOT)}
        command = [sys.executable, "-m", "bot", "setup"]
        process = await asyncio.create_subprocess_exec(
            *command, cwd=tmp_path, stdin=slave, stdout=slave, stderr=slave, env=env
        )
        os.close(slave)
        try:
            await shown(master, "Bot token")  # echo is off by now
            os.write(master, f"{DEMO_TOKEN}\n".encode())
            seen = await shown(master, "Press Enter when all are there")
            process.send_signal(signal.SIGINT)
            seen += await shown(master, "Nothing was written.")
            assert await process.wait() == 130
        finally:
            os.close(master)
    assert DEMO_TOKEN.partition(":")[2] not in seen
    assert "Traceback" not in seen
    assert not names(tmp_path)


def test_without_a_terminal_it_is_one_line(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "bot", "setup"],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("setup asks questions, so it needs a terminal.")
    assert len(done.stderr.splitlines()) == 1
    assert not list(tmp_path.iterdir())
