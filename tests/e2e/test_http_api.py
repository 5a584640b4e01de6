"""The assistant's own HTTP API, spoken to as programs do: over a socket, to a real process."""

import asyncio
import socket
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx

from bot.core import grants
from bot.core.grants import ApiToken, Grant
from demo import environment
from demo.environment import Keys, Layout
from demo.ports import free_ports
from demo.stage import Demo
from demo.telegram import SHOP_TEAM, ControlClient
from tests.e2e.conftest import Stage

SENDER = "secret-of-the-sender"
TOKENS = str(ApiToken("cron", Grant.SENDER, grants.digest(SENDER)))
WRONG_SETTING = 78


async def test_an_alert_from_outside_lives_like_our_own_and_survives_a_kill(
    start: Callable[..., Demo],
) -> None:
    (port,) = free_ports(1)
    demo = start(HTTP_LISTEN=f"127.0.0.1:{port}", API_TOKENS=TOKENS)
    url = f"http://127.0.0.1:{port}"
    async with demo, ControlClient(demo.url) as phone, httpx.AsyncClient(base_url=url) as client:
        stage = Stage(demo, phone)

        async def call(path: str, token: str, body: object = None) -> Any:  # noqa: ANN401  # JSON
            bearer = {"Authorization": f"Bearer {token}"}
            answer = await client.post(path, json=body, headers=bearer)
            answer.raise_for_status()
            return answer.json()

        title = "Backup of web-1 failed"
        await call("/webhook/generic", SENDER, {"id": "b", "title": title, "severity": "error"})
        await demo.kill_assistant()  # it was answered with 200, so nothing may be lost
        await demo.start_assistant()
        card = await stage.card(title)
        taken = await call("/api/v1/ops/alerts/1/acknowledge", demo.layout.keys.admin)
        assert taken["key"] == "taken"
        await phone.wait_for(
            SHOP_TEAM,
            lambda message: (
                message["message_id"] == card["message_id"]
                and "Taken by api:ADMIN_TOKEN" in message["text"]
            ),
        )
        await call("/webhook/generic", SENDER, {"id": "b", "title": title, "status": "resolved"})
        await stage.card(title, green=True)


async def test_an_address_in_use_stops_the_start_with_one_line(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        layout = Layout(folder=tmp_path, keys=Keys(), web_port=1, supervisor_port=1, panel_port=1)
        env = environment.of_assistant(layout, "http://127.0.0.1:1")
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "bot", "run"),
            env=env | {"HTTP_LISTEN": f"127.0.0.1:{port}"},
            cwd=tmp_path,
            stderr=asyncio.subprocess.PIPE,
        )
        _, said = await process.communicate()
    assert process.returncode == WRONG_SETTING
    line = f"cannot listen on 127.0.0.1:{port}: Address already in use. Empty turns it off."
    assert said.decode() == f"HTTP_LISTEN: {line}\n"
