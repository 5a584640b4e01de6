"""A bare Debian with its own systemd, in which the assistant is installed as on a server."""

import os
import re
import shutil
import subprocess
import sys
import uuid
from collections.abc import Callable
from pathlib import Path
from time import monotonic, sleep
from typing import TypeVar

from tests.edges.services import container

HERE = Path(__file__).parent
CHECKOUT = HERE.parents[1]
PACKAGES = "systemd,systemd-sysv,dbus,polkitd,libpam-systemd,python3,python3-venv"
SUITE = "bookworm"
CLOSED = "/mnt/closed"  # inside
T = TypeVar("T")
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


def why_not() -> str | None:
    if shutil.which("debootstrap") is None:
        return "debootstrap is not installed"
    return container.why_not()


def bare_debian(folder: Path) -> Path:
    """Make the tree, or take the one that `BARE_DEBIAN` names."""
    if ready := os.environ.get("BARE_DEBIAN"):
        return Path(ready)
    _run(
        "debootstrap", "--variant=minbase", f"--include={PACKAGES}", SUITE, str(folder), _mirror()
    )
    return folder


def wheels(folder: Path) -> Path:
    """Fetch what the lock file names, as nothing can be fetched from inside."""
    if ready := os.environ.get("WHEELS"):
        return Path(ready)
    lock = CHECKOUT / "requirements.lock"
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "download", "--quiet"]
    _run(*pip, "--require-hashes", "-r", str(lock), "-d", str(folder))
    return folder


def _mirror() -> str:
    """Where this machine's own Debian packages come from: other sources know no such suite."""
    for path in [Path("/etc/apt/sources.list"), *Path("/etc/apt/sources.list.d").glob("*")]:
        text = path.read_text() if path.is_file() else ""
        for block in re.split(r"\n\s*\n", text):
            fields = dict(re.findall(r"^(\w+):\s*(.+)$", block, re.MULTILINE))
            if SUITE in fields.get("Suites", "").split() and "main" in fields["Components"]:
                return str(fields["URIs"]).split()[0]
        line = rf"^deb\s+(?:\[[^]]*\]\s+)?(\S+)\s+{SUITE}\s.*\bmain\b"
        if found := re.search(line, text, re.MULTILINE):
            return str(found[1])
    raise AssertionError(f"no source of {SUITE}'s packages is set on this machine")


def _run(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=600)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]


class Box:
    """Boots, reboots and runs commands inside as root."""

    def __init__(self, base: Path, folder: Path, packages: Path) -> None:
        self._base, self._folder, self._packages = base, folder, packages
        self._shell: subprocess.Popen[bytes] | None = None
        self._cgroup = Path()
        self._pid = 0
        self._log = folder.with_suffix(".log")

    def console(self) -> str:
        """What systemd itself has said since the first boot."""
        return self._log.read_text(errors="replace")

    def boot(self) -> None:
        parent = container.cgroup2()
        assert parent is not None
        self._cgroup = parent / f"sovani-install-{uuid.uuid4().hex[:12]}"
        self._folder.mkdir(exist_ok=True)
        script = [str(HERE / "bare_debian.sh"), str(self._base), str(self._folder)]
        script += [str(self._cgroup), str(CHECKOUT), str(self._packages)]
        with self._log.open("ab") as out:
            self._shell = subprocess.Popen(
                script, stdin=subprocess.DEVNULL, stdout=out, stderr=out
            )
        self._pid = until(self._systemd, self.console)
        until(
            lambda: self.run("systemctl", "is-system-running").strip() in {"running", "degraded"},
            self.console,
        )

    def power_cut(self) -> None:
        """End all processes at once, as a power cut does."""
        assert self._shell is not None
        self._shell.kill()
        self._shell.wait(timeout=10)
        container.remove_cgroup(self._cgroup)

    def _systemd(self) -> int | None:
        assert self._shell is not None
        assert self._shell.poll() is None, "it did not boot"
        children = Path(f"/proc/{self._shell.pid}/task/{self._shell.pid}/children").read_text()
        for pid in map(int, children.split()):
            if Path(f"/proc/{pid}/comm").read_text().strip() == "systemd":
                return pid
        return None

    def inside(self, *command: str) -> list[str]:
        """Words that run a command inside."""
        enter = ["nsenter", "-t", str(self._pid), "-m", "-p", "-u", "-i", "-C"]
        clean = ["env", "-i", f"PATH={PATH}", "HOME=/root", "LANG=C.UTF-8"]
        offline = ["PIP_NO_INDEX=1", "PIP_FIND_LINKS=/mnt/wheels"]
        return [*enter, *clean, *offline, *command]

    def process(self, *command: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            self.inside(*command),
            capture_output=True,
            text=True,
            timeout=240,
            check=False,
            cwd="/",
        )

    def run(self, *command: str) -> str:
        """Run it and return all that it printed."""
        done = self.process(*command)
        return done.stdout + done.stderr

    def shell(self, script: str) -> str:
        """Run a script that must succeed."""
        done = self.process("bash", "-euc", script)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def install(self, *arguments: str) -> str:
        """Install from a checkout that only root may read, as a strict umask leaves it."""
        return self.shell(
            f"""
            if [ ! -d {CLOSED} ]; then
                mkdir -m 700 {CLOSED}; cd /mnt/checkout
                cp -r --no-preserve=mode bot handlers checks templates deploy docs {CLOSED}
                cp README.md CHANGELOG.md .env.example requirements.lock {CLOSED}
                chmod -R go= {CLOSED}
            fi
            bash {CLOSED}/deploy/install.sh {" ".join(arguments)}
            """
        )

    def shown(self, unit: str, *properties: str) -> list[str]:
        flags = [f"--property={one}" for one in properties]
        lines = self.run("systemctl", "show", *flags, unit).splitlines()
        values = dict(line.split("=", 1) for line in lines if "=" in line)
        return [values[one] for one in properties]


def until(look: Callable[[], T | None], why: Callable[[], str], seconds: float = 60) -> T:
    """Wait for a condition in another world: it cannot tell us."""
    end = monotonic() + seconds
    while not (found := look()):
        assert monotonic() < end, why()
        sleep(0.1)
    return found
