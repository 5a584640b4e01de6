"""The chat emulator with one bot at a time: the assistant, or the bare one."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks._shops import ZONE
from demo import environment
from demo.children import Child
from demo.environment import Keys
from demo.ports import HOST, free_ports
from demo.telegram import ANN, SHOP_TEAM, ControlClient, Json

READY_WITHIN = 90.0  # seconds, on a busy machine
QUIET = 1.0  # seconds without a call but the long poll
LASTING = "web API"  # in the card of the one trouble that lasts: nothing listens there


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    folder: Path
    token: str
    url: str
    phone: ControlClient

    @property
    def database(self) -> Path:
        """Where the shop's file belongs."""
        return self.folder / "sovani_bot.db"

    @property
    def state(self) -> Path:
        """The assistant's own tables."""
        return self.folder / "ops_state.db"

    def _settings(self) -> dict[str, str]:
        """Everything as a newcomer would set it, but nothing acts by itself."""
        return {
            **environment.bare(),
            "BOT_TOKEN": self.token,
            "TELEGRAM_API_URL": self.url,
            "ADMIN_CHAT_ID": str(SHOP_TEAM),
            "ADMIN_USER_IDS": str(ANN),
            "DATABASE_URL": f"sqlite:///{self.database}",
            "STATE_DATABASE_URL": f"sqlite:///{self.state}",
            "WEB_API_URL": f"http://{HOST}:{free_ports(1)[0]}",
            "SERVICE_MANAGER": "none",
            "APP_TIMEZONE": ZONE,
            "HTTP_LISTEN": "",
            "AUTO_REMEDIATION_ENABLED": "false",
            # What is measured is the assistant, not the pace that Telegram asks of every bot. A
            # group's cards keep theirs: many taps on one card are one edit, as in real life.
            "TELEGRAM_PER_SECOND": "100000",
            "TELEGRAM_CHAT_BURST": "100000",
        }

    @asynccontextmanager
    async def assistant(self, *command: str, **env: str) -> AsyncIterator[Child]:
        """Run `python -m bot run`, or another `command`; `env` is laid over its settings."""
        command = command or ("-m", "bot", "run")
        async with self._bot("assistant", command, self._settings() | env) as child:
            yield child

    @asynccontextmanager
    async def bare(self, **more: str) -> AsyncIterator[Child]:
        env = {"BOT_TOKEN": self.token, "TELEGRAM_API_URL": self.url, **more}
        command = ("-m", "benchmarks._bare_bot")
        async with self._bot("bare", command, environment.bare() | env) as child:
            yield child

    @asynccontextmanager
    async def _bot(
        self, name: str, command: tuple[str, ...], env: dict[str, str]
    ) -> AsyncIterator[Child]:
        polls = await self.count("getUpdates")
        child = await Child.start(name, command, env=env, folder=self.folder)
        try:
            async with asyncio.timeout(READY_WITHIN):
                while await self.count("getUpdates") == polls:
                    child.must_live()
                    await asyncio.sleep(0.05)
            yield child
        finally:
            await child.stop()

    async def count(self, method: str) -> int:
        """How often a bot has called this method."""
        return int((await self.phone.calls())["methods"].get(method.lower(), 0))

    def forget(self) -> None:
        """Let the next assistant begin with empty tables, and so with new cards."""
        for file in self.folder.glob(f"{self.state.name}*"):
            file.unlink()

    async def quiet(self) -> None:
        """Wait until the bot has said what it has to say by itself."""
        before = -1
        while (now := await self._said()) != before:
            before = now
            await asyncio.sleep(QUIET)

    async def _said(self) -> int:
        methods = (await self.phone.calls())["methods"]
        return sum(count for name, count in methods.items() if name != "getupdates")

    async def card(self, text: str, button: str = "") -> Json:
        """Wait for the newest card with this text, and with this button if one is named."""

        def fits(message: Json) -> bool:
            labels = {each["text"] for row in message["buttons"] for each in row}
            return message["out"] and text in message["text"] and (not button or button in labels)

        return await self.phone.wait_for(SHOP_TEAM, fits, timeout=READY_WITHIN)


@asynccontextmanager
async def stage(folder: Path) -> AsyncIterator[Stage]:
    token = Keys().bot
    command = ("-m", "demo.telegram", "--token", token)
    chat = await Child.start("telegram", command, env=environment.bare(), folder=folder)
    try:
        url = await chat.address()
        async with ControlClient(url) as phone:
            yield Stage(folder=folder, token=token, url=url, phone=phone)
    finally:
        await chat.stop()


def data_of(message: Json, label: str) -> str:
    """What the button with this label sends to the bot."""
    buttons = [each for row in message["buttons"] for each in row if each["text"] == label]
    return str(buttons[0]["data"])
