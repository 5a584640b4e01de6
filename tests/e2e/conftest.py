"""The whole product as people use it: real processes, spoken to over HTTP."""

import shutil
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_asyncio

from demo.stage import Demo
from demo.telegram import ANN, SHOP_TEAM, ControlClient, Json

# A round a second: two rounds must not make the suite wait for ten seconds.
FAST = {"CHECK_INTERVAL_SEC": "1", "CHECKS__API_LATENCY_P95__WINDOW_SEC": "5"}


@dataclass
class Stage:
    """The demo with a phone in somebody's hand."""

    demo: Demo
    phone: ControlClient

    async def card(self, text: str, *, chat: int = SHOP_TEAM, green: bool = False) -> Json:
        """Wait for the card whose first line has this text; green: the healed one."""

        def fits(message: Json) -> bool:
            first = message["text"].splitlines()[0] if message["text"] else ""
            return message["out"] and text in first and first.startswith("✅") is green

        return await self.phone.wait_for(chat, fits, timeout=40)

    async def tap(self, message: Json, label: str, who: int = ANN) -> str:
        return str((await self.phone.tap_and_wait(who, message, label))["text"])

    async def confirm(self, label: str, who: int = ANN, *, chat: int = SHOP_TEAM) -> str:
        """Press Yes under the newest question."""
        question = await self.phone.wait_for(
            chat, lambda message: message["text"].startswith(f"❓ {label}") and message["buttons"]
        )
        return await self.tap(question, f"Yes: {label}", who)

    async def says(self, who: int, text: str, *, chat: int = 0) -> Json:
        """Say something and return the bot's next message there."""
        said = await self.phone.say(who, text, chat=chat)
        number = said["message_id"]
        place = chat or who
        return await self.phone.wait_for(
            place, lambda message: message["out"] and message["message_id"] > number
        )


@pytest.fixture
def start(demo_folder: Path) -> Callable[..., Demo]:
    """Make a demo with settings of one's own; the test enters it."""
    return lambda **env: Demo(demo_folder, env=FAST | env)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shared(
    built_demo_shop: Path, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Stage]:
    """One demo for all tests of a module that break different things in it."""
    folder = tmp_path_factory.mktemp("shared")
    shutil.copy(built_demo_shop, folder)
    async with Demo(folder, env=FAST) as demo, ControlClient(demo.url) as phone:
        yield Stage(demo, phone)
