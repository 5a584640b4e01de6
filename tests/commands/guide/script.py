"""Somebody at a terminal: types prepared lines, and waits for what the screen shows."""

import asyncio
import io
import re
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from rich.console import Console

from bot.commands.guide import Guide, Talk
from bot.commands.screen import Screen
from bot.edges.redact import Redactor
from bot.edges.templates import Templates
from demo.telegram import Emulator

NOW = datetime(2026, 11, 25, 12, 30, tzinfo=UTC)
Line = str | Callable[[], Awaitable[str]]


@dataclass
class Person:
    """Each answer belongs to the question whose words it names, so a wrong order is seen."""

    paper: io.StringIO
    answers: list[tuple[str, Line]]
    hidden: bool = False

    @contextmanager
    def unseen(self) -> Iterator[None]:
        self.hidden = True
        yield
        self.hidden = False

    async def line(self) -> str:
        if not self.answers:
            raise EOFError
        question, answer = self.answers.pop(0)
        last = self.paper.getvalue().splitlines()[-1]
        assert question in last, f"{last!r} does not ask {question!r}"
        assert self.hidden is ("not shown" in last)
        if isinstance(answer, str):
            return answer
        return await answer()

    async def sees(self, text: str) -> None:
        async with asyncio.timeout(5):
            while text not in self.paper.getvalue():  # noqa: ASYNC110  # text has no event
                await asyncio.sleep(0.005)


@dataclass
class Desk:
    """One run of the guide in a folder."""

    folder: Path
    emulator: Emulator | None = None
    environ: Mapping[str, str] = field(default_factory=dict)
    name: str = ".env"
    shop: Path | None = None
    paper: io.StringIO = field(default_factory=io.StringIO)
    person: Person = field(init=False)

    async def sit(self, *answers: tuple[str, Line]) -> None:
        self.person = Person(self.paper, list(answers))
        templates = Templates(zone=ZoneInfo("UTC"), clock=lambda: NOW)
        console = Console(file=self.paper, width=200, color_system=None, highlight=False)
        screen = Screen(console=console, templates=templates, redact=Redactor([]))
        server = {"TELEGRAM_API_URL": self.emulator.url} if self.emulator else {}
        guide = Guide(
            talk=Talk(screen=screen, keys=self.person),
            target=self.folder / self.name,
            clock=lambda: NOW,
            environ=server | dict(self.environ),
            shop_folder=self.shop,
            home=self.folder / "home",
        )
        await guide.lead()
        assert self.person.answers == [], "not everything was asked"

    @property
    def text(self) -> str:
        return self.paper.getvalue()

    def env(self) -> dict[str, str]:
        """What was written, without comments."""
        text = (self.folder / self.name).read_text(encoding="utf-8")
        return dict(re.findall(r"(?m)^([A-Z_]+)=(.*)$", text))
