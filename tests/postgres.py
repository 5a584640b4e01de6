"""A PostgreSQL server of our own, where its programs are installed."""

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

SUPERUSER = "shop"


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """Start a server on 127.0.0.1 and give its address without a database's name."""
    programs = _programs()
    user = account()
    # pytest's own folder is closed to other accounts
    folder = Path(tempfile.mkdtemp(prefix="pg"))
    folder.chmod(0o755)
    data = folder / "data"
    data.mkdir(mode=0o700)
    if user:
        shutil.chown(data, user)
    port = _free_port()

    def run(program: str, *arguments: str) -> None:
        subprocess.run(
            [programs / program, "-D", data, *arguments],
            check=True,
            user=user,
            group=_group(user),
            extra_groups=[] if user else None,
            cwd=folder,
            stdout=subprocess.DEVNULL,
        )

    try:
        run("initdb", "-U", SUPERUSER, "--auth=trust", "--no-sync", "--locale=C", "-E", "UTF8")
        options = f"-p {port} -h 127.0.0.1 -k {data} -F"
        if counts_statements(programs):
            options += " -c shared_preload_libraries=pg_stat_statements"
        run("pg_ctl", "-w", "-l", str(data / "log"), "-o", options, "start")
        try:
            yield f"postgresql://{SUPERUSER}@127.0.0.1:{port}"
        finally:
            run("pg_ctl", "-w", "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder)


def counts_statements(programs: Path | None = None) -> bool:
    """Whether the server has its contributed extension pg_stat_statements."""
    initdb = ((programs or _programs()) / "initdb").resolve()
    return (initdb.parent.parent / "lib" / "pg_stat_statements.so").is_file()


def _programs() -> Path:
    found = shutil.which("initdb")
    places = [Path(found).parent] if found else []
    places += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    for place in places:
        if (place / "initdb").is_file() and (place / "pg_ctl").is_file():
            return place
    pytest.skip("PostgreSQL's initdb and pg_ctl are not installed")


def account() -> str | None:
    """Name whom to start the server as: it refuses to run as root."""
    if os.getuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name).pw_name
        except KeyError:
            continue
    pytest.skip("no unprivileged account to start PostgreSQL as")


def _group(user: str | None) -> int | None:
    return pwd.getpwnam(user).pw_gid if user else None


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
