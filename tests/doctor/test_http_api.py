import errno
import socket
from pathlib import Path

from bot.doctor import http_api
from bot.edges.single import SingleInstance
from tests.doctor.patient import case, told


async def test_an_address_in_use_is_named(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        sick = case(tmp_path, http_listen=f"127.0.0.1:{port}")
        [result] = await http_api.examine(sick)
        assert told(result)[1] == "broken"
        assert told(result)[2].startswith(f"Another program listens on 127.0.0.1:{port}")
        with SingleInstance(tmp_path / "state.db"):
            [result] = await http_api.examine(sick)
        assert told(result)[1:3] == ("ok", f"The assistant listens on 127.0.0.1:{port}.")
    [result] = await http_api.examine(sick)
    assert told(result)[1] == "ok", "it was only tried, and given back"


async def test_off_is_no_fault(tmp_path: Path) -> None:
    [result] = await http_api.examine(case(tmp_path, http_listen=""))
    assert told(result)[1] == "skipped"


async def test_an_address_that_no_machine_has(tmp_path: Path) -> None:
    [result] = await http_api.examine(case(tmp_path, http_listen="ops.invalid:80"))
    assert told(result)[2].startswith(
        "ops.invalid:80 cannot be listened on (there is no such host)"
    )


def test_an_address_of_another_machine() -> None:
    result = http_api.judge("203.0.113.1:80", errno.EADDRNOTAVAIL, running=True)
    assert told(result)[1] == "broken"
    assert "EADDRNOTAVAIL" in told(result)[2]
