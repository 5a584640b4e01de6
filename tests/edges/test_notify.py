"""What systemd is told, over a real socket."""

import os
import socket
from pathlib import Path

import pytest

from bot.edges.notify import SignsOfLife, tell, watched
from bot.edges.store import SqlStore


def test_a_line_arrives_where_systemd_listens(tmp_path: Path) -> None:
    address = str(tmp_path / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as inbox:
        inbox.bind(address)
        assert tell("READY=1", {"NOTIFY_SOCKET": address})
        assert inbox.recv(100) == b"READY=1"


def test_an_abstract_address_is_understood() -> None:
    name = f"sovani-test-{os.getpid()}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as inbox:
        inbox.bind("\0" + name)
        assert tell("STOPPING=1", {"NOTIFY_SOCKET": f"@{name}"})
        assert inbox.recv(100) == b"STOPPING=1"


@pytest.mark.parametrize("address", ["", "relative", "vsock:2:1", "/nobody/listens/here"])
def test_where_nobody_listens_nothing_breaks(address: str) -> None:
    assert not tell("READY=1", {"NOTIFY_SOCKET": address})


def test_the_watchdog_is_meant_for_one_process() -> None:
    mine = str(os.getpid())
    assert watched({"WATCHDOG_USEC": "30000000", "WATCHDOG_PID": mine}) == 30
    assert watched({"WATCHDOG_USEC": "30000000"}) == 30
    assert watched({"WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "1"}) is None
    assert watched({"WATCHDOG_USEC": "soon"}) is None
    assert watched({}) is None


async def test_life_is_shown_only_while_the_tables_answer() -> None:
    said: list[str] = []

    def hear(line: str) -> bool:
        said.append(line)
        return True

    store = await SqlStore.open(None)
    life = SignsOfLife(store=store, every=30, tell=hear, slow=0.5)
    assert await life.look()
    await store.close()
    assert not await life.look()
    assert said == ["WATCHDOG=1"]
