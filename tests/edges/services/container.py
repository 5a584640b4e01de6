"""A real systemd for the tests, or the reason why there is none."""

import os
import shutil
import subprocess
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, sleep
from typing import TypeVar

HERE = Path(__file__).parent
RULES = HERE.parents[2] / "deploy/polkit/50-sovani-ops.rules"
SYSTEMD = Path("/lib/systemd/systemd")
POLKIT = [Path("/usr/lib/polkit-1/polkitd"), Path("/usr/libexec/polkitd")]
CGROUPS = [Path("/sys/fs/cgroup/unified"), Path("/sys/fs/cgroup")]
TOOLS = ["unshare", "nsenter", "setpriv", "useradd", "dbus-daemon", "systemd-id128"]

T = TypeVar("T")


class CannotBootError(Exception):
    """The kernel here refuses a mount or a namespace; the text is its own."""


@dataclass(frozen=True)
class Container:
    """`pid` is systemd's, as the machine counts."""

    pid: int

    @property
    def bus_address(self) -> str:
        return f"unix:path=/proc/{self.pid}/root/run/dbus/system_bus_socket"

    def run(self, *command: str, user: str = "root") -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*self.inside(user), *command],
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )

    def inside(self, user: str = "root", *, group: str | None = None) -> list[str]:
        """Words before a command that runs it inside, as `user` and in one more `group`."""
        enter = ["nsenter", "-t", str(self.pid), "-m", "-p", "-u", "-i", "-n", "-C"]
        groups = f"--groups={group}" if group else "--init-groups"
        return [*enter, "setpriv", f"--reuid={user}", f"--regid={user}", groups]

    def write(self, path: str, text: str) -> None:
        """Write a file of its own root, such as a unit."""
        place = Path(f"/proc/{self.pid}/root{path}")
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text)


def why_not() -> str | None:
    """Name what a real systemd in namespaces lacks here."""
    missing = [tool for tool in TOOLS if shutil.which(tool) is None]
    for wrong, reason in (
        (os.geteuid() != 0, "needs root"),
        (not SYSTEMD.exists(), "systemd is not installed"),
        (bool(missing), f"not installed: {', '.join(missing)}"),
        (cgroup2() is None, "no writable cgroup v2"),
    ):
        if wrong:
            return reason
    trial = ["unshare", "--mount", "--pid", "--fork", "--cgroup", "--net", "true"]
    allowed = subprocess.run(trial, capture_output=True, check=False).returncode == 0
    return None if allowed else "may not create namespaces (CAP_SYS_ADMIN)"


def has_polkit() -> bool:
    return any(path.exists() for path in POLKIT)


@contextmanager
def booted(folder: Path) -> Iterator[Container]:
    """Boot, hand out, and leave nothing behind: no process, no mount, no cgroup."""
    base = cgroup2()
    assert base is not None
    cgroup = base / f"sovani-test-{uuid.uuid4().hex[:12]}"
    log = folder / "boot.log"
    with log.open("wb") as out:
        script = [str(HERE / "systemd_container.sh")]
        script += [str(folder / "box"), str(cgroup), str(RULES), str(HERE.parents[2])]
        shell = subprocess.Popen(script, stdin=subprocess.DEVNULL, stdout=out, stderr=out)
    try:
        yield _running(shell, log)
    finally:
        shell.kill()
        shell.wait(timeout=10)
        remove_cgroup(cgroup)


def _running(shell: subprocess.Popen[bytes], log: Path) -> Container:
    children = Path(f"/proc/{shell.pid}/task/{shell.pid}/children")

    def systemd() -> Container | None:
        if shell.poll() is not None:
            raise CannotBootError(log.read_text(errors="replace").strip())
        for pid in map(int, children.read_text().split()):
            if Path(f"/proc/{pid}/comm").read_text().strip() == "systemd":
                return Container(pid)
        return None

    container = _until(systemd, log)
    ready = ("systemctl", "is-system-running")
    _until(lambda: container.run(*ready).stdout.strip() in {"running", "degraded"}, log)
    return container


def _until(look: Callable[[], T | None], log: Path) -> T:
    until = monotonic() + 30
    while not (found := look()):
        assert monotonic() < until, log.read_text(errors="replace")
        sleep(0.05)
    return found


def remove_cgroup(cgroup: Path) -> None:
    """Remove the tree from its leaves up, once the kernel has let go of the killed."""
    until = monotonic() + 10
    while cgroup.exists():
        for path in sorted(cgroup.glob("**/"), key=lambda path: -len(path.parts)):
            try:
                path.rmdir()
            except OSError:
                assert monotonic() < until, f"{path} is still in use"
                sleep(0.05)


def cgroup2() -> Path | None:
    for path in CGROUPS:
        if (path / "cgroup.procs").exists() and (path / "cgroup.controllers").exists():
            return path if os.access(path, os.W_OK) else None
    return None
