import socket
from pathlib import Path

import pytest
from pydantic import SecretStr

from bot.doctor import ways_out
from tests.doctor.patient import case, told


async def test_the_mail_server_is_reached_and_gets_no_mail(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        url = f"smtp://user:planted-password@127.0.0.1:{server.getsockname()[1]}"
        mail, *_ = await ways_out.examine(case(tmp_path, smtp_url=url))
        caller, _ = server.accept()
        with caller:
            assert caller.recv(100) == b""
    assert told(mail)[:2] == ("Mail server", "ok")
    assert "planted" not in str(mail)


@pytest.mark.parametrize("url", ["smtp://u:planted@127.0.0.1:1", "smtps://u:planted@127.0.0.1:1"])
async def test_a_mail_server_that_is_not_there_is_broken(tmp_path: Path, url: str) -> None:
    mail, *_ = await ways_out.examine(case(tmp_path, smtp_url=url))
    assert told(mail)[1:3] == ("broken", "127.0.0.1:1 cannot be reached.")
    assert "planted" not in str(mail)


async def test_a_port_that_is_none_is_named_without_the_address(tmp_path: Path) -> None:
    mail, *_ = await ways_out.examine(case(tmp_path, smtp_url="smtp://u:planted@host:x"))
    assert told(mail)[1:3] == ("broken", "It is not an address.")


@pytest.mark.parametrize(
    ("url", "verdict"),
    [
        ("https://hooks.example/planted", "ok"),
        ("http://127.0.0.1:9/planted", "ok"),
        ("http://hooks.example/planted", "warning"),
        ("https://hooks.example:port/planted", "broken"),
        ("https://", "broken"),
    ],
)
def test_only_the_host_is_shown(url: str, verdict: str) -> None:
    result = ways_out.judge("FALLBACK_URL", SecretStr(url))
    assert told(result)[:2] == ("FALLBACK_URL", verdict)
    assert "planted" not in str(result)


async def test_what_is_not_set_is_skipped(tmp_path: Path) -> None:
    results = await ways_out.examine(case(tmp_path))
    assert [told(result)[1] for result in results] == ["skipped"] * 3
