"""The shop's process supervisor: its configuration, and how to talk to it."""

import asyncio
import shlex
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import cast
from urllib.parse import urlsplit
from xmlrpc.client import Fault, ServerProxy  # our own process, on loopback

WEB, SCHEDULER, BOT = "sovani-web-api", "sovani-scheduler", "sovani-bot"
PROGRAMS: Mapping[str, str] = {
    WEB: "demo.shop.web",
    SCHEDULER: "demo.shop.scheduler",
    BOT: "demo.shop.idle",
}
RUNNING = frozenset({"STARTING", "RUNNING"})
_ALREADY_STARTED, _NOT_RUNNING = 60, 70

_HEAD = """\
[supervisord]
nodaemon=true
silent=true
logfile={folder}/logs/supervisord.log
pidfile={folder}/supervisord.pid
childlogdir={folder}/logs

[inet_http_server]
port={host}:{port}
username={user}
password={password}

[rpcinterface:supervisor]
supervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface
"""
_PROGRAM = """
[program:{name}]
command={command}
directory={folder}
redirect_stderr=true
stdout_logfile={expanded_twice}/logs/{name}.log
stdout_logfile_maxbytes=5MB
stdout_logfile_backups=1
startsecs=1
stopwaitsecs=5
stopasgroup=true
killasgroup=true
"""


def write_configuration(folder: Path, url: str) -> Path:
    """Write `supervisord.conf` for an address like http://user:password@127.0.0.1:9001/RPC2.

    The programs inherit the environment that supervisord is started with.
    """
    address, home = urlsplit(url), _literal(str(folder))
    text = _HEAD.format(
        folder=home,
        host=address.hostname,
        port=address.port,
        user=address.username,
        password=address.password,
    )
    for name, module in PROGRAMS.items():
        command = _literal(f"{shlex.quote(sys.executable)} -m {module}")
        text += _PROGRAM.format(
            name=name, command=command, folder=home, expanded_twice=_literal(home)
        )
    (folder / "logs").mkdir(parents=True, exist_ok=True)
    path = folder / "supervisord.conf"
    path.touch(mode=0o600)
    path.write_text(text, encoding="utf-8")
    return path


class Supervisor:
    """Calls of supervisord's XML-RPC, each in a thread with a connection of its own."""

    def __init__(self, url: str) -> None:
        self._url = url

    async def state(self, program: str) -> str:
        """Return RUNNING, STOPPED, EXITED, FATAL, ... as supervisord names them."""
        answer = await asyncio.to_thread(self._call, "getProcessInfo", program)
        return str(cast("Mapping[str, object]", answer)["statename"])

    async def start(self, program: str) -> None:
        await self._unless(_ALREADY_STARTED, "startProcess", program)

    async def stop(self, program: str) -> None:
        await self._unless(_NOT_RUNNING, "stopProcess", program)

    async def restart(self, program: str) -> None:
        await self.stop(program)
        await self.start(program)

    async def _unless(self, fault: int, method: str, program: str) -> None:
        try:
            await asyncio.to_thread(self._call, method, program)
        except Fault as error:
            if error.faultCode != fault:
                raise

    def _call(self, method: str, program: str) -> object:
        with ServerProxy(self._url) as server:
            return getattr(server.supervisor, method)(program)


def _literal(text: str) -> str:
    """Keep supervisord from reading %(...)s into a path."""
    return text.replace("%", "%%")
