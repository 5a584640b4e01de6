"""A case to examine, full of secrets, and the words people would read about it."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import checks
from bot.doctor import Case, Result
from bot.edges.templates import Templates
from bot.settings import Settings
from demo.telegram import DEMO_TOKEN

NOON = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
NOWHERE = "http://127.0.0.1:1"
SECRETS = {
    "admin_token": "planted-admin-token",
    "wb_stats_token": "planted-wb-token",
    "ozon_client_id": "planted-client-id",
    "ozon_api_key_admin": "planted-ozon-key",
    "supervisor_url": "http://user:planted-supervisor-password@127.0.0.1:1/RPC2",
}
HANGS = b""


def settings(folder: Path, **changes: object) -> Settings:
    """Everything is unreachable until a test says where it is."""
    defaults: dict[str, object] = {
        "bot_token": DEMO_TOKEN,
        "telegram_api_url": NOWHERE,
        "admin_chat_id": -1001000000001,
        "admin_user_ids": "1001",
        "database_url": f"sqlite:///{folder / 'shop.db'}",
        "state_database_url": f"sqlite:///{folder / 'state.db'}",
        "web_api_url": NOWHERE,
        "wb_api_url": NOWHERE,
        "ozon_api_url": NOWHERE,
        "service_manager": "none",
    }
    return Settings(_env_file=None, **{**defaults, **changes})  # type: ignore[arg-type]  # a test's own fields


def case(folder: Path, **changes: Any) -> Case:  # noqa: ANN401  # settings of any type
    """Besides settings, `now` and the `seconds` of one request may be set."""
    now: datetime = changes.pop("now", NOON)
    seconds: float = changes.pop("seconds", 4.0)
    made = settings(folder, **changes)
    return Case(
        settings=made,
        runbooks=checks.load(made.checks),
        templates=Templates(zone=ZoneInfo("Europe/Moscow"), clock=lambda: now),
        clock=lambda: now,
        folder=folder,
        files=[folder / ".env"],
        seconds=seconds,
    )


TEMPLATES = Templates(zone=ZoneInfo("Europe/Moscow"), clock=lambda: NOON)


def told(result: Result) -> tuple[str, str, str, str]:
    """What, verdict, seen and how to mend, as people read them."""
    mend = TEMPLATES.say_plain(result.mend) if result.mend else ""
    seen = TEMPLATES.say_plain(result.seen)
    lines = (TEMPLATES.say_plain(result.what), str(result.verdict), seen, mend)
    assert not any("\n" in line for line in lines)
    assert all(lines[:3])
    return tuple(line.replace("\N{NARROW NO-BREAK SPACE}", " ") for line in lines)  # type: ignore[return-value]  # four of them


@dataclass
class Server:
    url: str = ""
    asked: list[str] = field(default_factory=list)


@contextlib.asynccontextmanager
async def serving(answers: Mapping[str, bytes]) -> AsyncIterator[Server]:
    """Answer each path with these bytes; `HANGS` never answers, "*" is any other path."""
    server = Server()
    released = asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        request = (await reader.read(65_536)).decode()
        if not request:  # somebody only looked whether the door opens
            writer.close()
            return
        server.asked.append(request)
        path = request.split(" ")[1].partition("?")[0]
        answer = answers.get(path, answers.get("*", HANGS))
        if answer == HANGS:
            await released.wait()
        with contextlib.suppress(OSError):
            writer.write(answer)
            await writer.drain()
            writer.close()
            await writer.wait_closed()

    running = await asyncio.start_server(serve, "127.0.0.1", 0)
    server.url = f"http://127.0.0.1:{running.sockets[0].getsockname()[1]}"
    try:
        yield server
    finally:
        released.set()
        running.close()
        await running.wait_closed()
