"""The image's own steps, built and run as compose runs it: no root, nothing but /data writable.

Not tried here, for want of an engine: the official base image, and compose itself.
"""

import asyncio
import re
import shlex
import signal
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from demo.ports import free_ports
from demo.telegram import ADMINS, ANN, DEMO_TOKEN
from demo.telegram.server import Emulator
from tests.installing.box import CHECKOUT
from tests.installing.dockerfile import Stage, script, stages

PORT = "8090"
BUILT_WITHIN = 300.0
NONE = "0" * 16  # capabilities
LOOK = """
id -u
touch /app/x /venv/x /etc/x
find /app /venv -path '*/bin/pip*' -o -path '*/site-packages/pip'
ls /data
python -c 'from bot.edges.shop.vacuum import temporary_folder as f; print("copies:", f())'
"""
DOCKERFILE = (CHECKOUT / "deploy/docker/Dockerfile").read_text("utf-8")
COMPOSE = (CHECKOUT / "deploy/docker/compose.yaml").read_text("utf-8")


@dataclass
class Image:
    stage: Stage
    process: asyncio.subprocess.Process
    folder: Path
    port: int

    async def runs(self, *words: str) -> tuple[int, str]:
        """Run it inside as the image's user; its exit code and all that it printed."""
        enter = ["nsenter", "-t", str(self.process.pid), "-m", "-r", "-w"]
        command = [*enter, *shlex.split(self.stage.inside(*as_user(self.stage), *words))]
        done = await asyncio.create_subprocess_exec(
            *command, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
        )
        said, _ = await done.communicate()
        return done.returncode or 0, said.decode()

    async def is_healthy(self) -> bool:
        words = self.stage.words["HEALTHCHECK"]
        code, _ = await self.runs(*(one.replace(PORT, str(self.port)) for one in words))
        return code == 0


def as_user(stage: Stage) -> list[str]:
    """As compose does it: `cap_drop: [ALL]`, `no-new-privileges`."""
    return [
        *("setpriv", f"--reuid={stage.user}", f"--regid={stage.user}", "--clear-groups"),
        *("--no-new-privs", "--bounding-set=-all", "--inh-caps=-all"),
    ]


def started(stage: Stage) -> str:
    """Read-only but for /data and /tmp, as `read_only: true` and `tmpfs` of compose."""
    data = stage.told["VOLUME"]
    entry = ["sh", "-c", f'cd {stage.folder} && exec "$@"', "-"]
    entry += [*stage.words["ENTRYPOINT"], *stage.words["CMD"]]
    return f"""
mkdir "$trees/data"
chown --reference "$root{data}" "$trees/data"
chmod --reference "$root{data}" "$trees/data"
umount "$root/mnt"
mount --bind "$trees/data" "$root{data}"
mount -t tmpfs -o mode=1777,size=64m tmpfs "$root/tmp"
mount -o remount,ro "$root"
cd "$root"
exec chroot "$root" {stage.inside(*as_user(stage), *entry)}
"""


@pytest.fixture
async def emulator() -> AsyncIterator[Emulator]:
    async with Emulator() as emulator:
        yield emulator


@pytest.fixture
async def image(
    base: Path, packages: Path, tmp_path: Path, emulator: Emulator
) -> AsyncIterator[Image]:
    found = stages(DOCKERFILE, CHECKOUT)
    stage = found[-1]
    (port,) = free_ports(1)
    building = script(found, base=base, wheels=packages)
    stage.env |= {
        "BOT_TOKEN": DEMO_TOKEN,
        "TELEGRAM_API_URL": emulator.url,
        "ADMIN_CHAT_ID": str(ADMINS),
        "ADMIN_USER_IDS": str(ANN),
        "HTTP_LISTEN": f"127.0.0.1:{port}",
    }
    running = started(stage)
    trees = tmp_path / "trees"
    with (tmp_path / "log").open("wb") as log:
        process = await asyncio.create_subprocess_exec(
            *("unshare", "--mount", "--propagation", "private", "bash", "-c", building + running),
            env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "trees": str(trees)},
            stdin=asyncio.subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
    made = Image(stage, process, trees, port)
    try:
        yield made
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def nothing_is_compiled_at_a_start(image: Image) -> None:
    """Nothing it writes would stay, so each start would compile all of it again."""
    code, said = await image.runs("python", "-v", "-c", "import bot.__main__, bot.commands.build")
    assert code == 0, said[-3000:]
    files = re.findall(r"# code object from '?(/(?:app|venv)/[^'\s]+)", said)
    assert len(files) > 300
    assert [one for one in files if not one.endswith(".pyc")] == []


async def test_the_images_steps_make_an_assistant_that_runs_with_no_right_but_its_tables(
    image: Image, emulator: Emulator, tmp_path: Path
) -> None:
    log = tmp_path / "log"
    async with asyncio.timeout(BUILT_WITHIN):
        while not emulator.state.calls["getupdates"]:  # a process builds it
            assert image.process.returncode is None, log.read_text("utf-8")[-3000:]
            await asyncio.sleep(0.1)
    assert await image.is_healthy()
    _, said = await image.runs("sh", "-c", LOOK)
    lines = said.splitlines()
    assert lines[0] == image.stage.user == "10001"
    assert said.count("Read-only file system") == 3
    assert [one for one in lines if "/pip" in one] == []
    assert "ops_state.db" in lines
    assert "copies: /data" in lines, "the copy of a VACUUM would not fit into /tmp"
    await nothing_is_compiled_at_a_start(image)
    about = Path(f"/proc/{image.process.pid}/status")
    status = {*(await asyncio.to_thread(about.read_text)).splitlines()}
    assert {"NoNewPrivs:\t1", f"CapEff:\t{NONE}", f"CapBnd:\t{NONE}"} <= status
    assert "Uid:\t10001\t10001\t10001\t10001" in status
    image.process.send_signal(signal.SIGTERM)
    assert await image.process.wait() == 0
    assert image.stage.told["STOPSIGNAL"] == "SIGTERM"
    assert "read_only: true" in COMPOSE
