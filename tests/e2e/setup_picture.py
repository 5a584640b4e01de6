"""`setup` in a terminal, as a picture: the real guide, the real Bot API of the demo, a person."""

import asyncio
import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from rich.console import Console
from rich.terminal_theme import MONOKAI

from bot.commands.guide import Guide, Talk
from bot.commands.screen import Screen
from bot.edges.redact import Redactor
from bot.edges.templates import Templates
from demo.telegram import ANN, BORIS, DEMO_TOKEN, SHOP_TEAM, Emulator
from demo.telegram.people import Say, say
from tests.checks.shop import Shop

NOW = datetime(2026, 11, 25, 12, 30, tzinfo=UTC)
SHOWN = "/srv/sovani"  # instead of the folder where the picture is made
PAGE = """<body style="margin: 0; background: #1b1f27">
<pre style="margin: 0; padding: 24px; width: 1150px; white-space: pre-wrap; color: #d8dee9;
font: 14px/1.5 'DejaVu Sans Mono', monospace"><span style="color: #7f8ba3">$ </span>\
.venv/bin/python -m bot setup
{code}</pre></body>"""


@dataclass
class Person:
    """Answers in order; what is typed is seen, as a terminal shows it, unless it is a secret."""

    console: Console
    emulator: Emulator
    answers: Iterator[str]
    hidden: bool = False

    @contextmanager
    def unseen(self) -> Iterator[None]:
        self.hidden = True
        yield
        self.hidden = False

    async def line(self) -> str:
        typed = next(self.answers)
        if typed == "meet":
            state = self.emulator.state
            say(state, Say(ANN, "/start"))
            say(state, Say(BORIS, "/start", chat=SHOP_TEAM))
            await until_taken(self.emulator)
            typed = ""
        if not self.hidden:
            self.console.print(typed, style="bold", highlight=False)
        return typed


async def until_taken(emulator: Emulator) -> None:
    """Wait until the guide has shown whoever wrote, and asks for more."""
    calls = emulator.state.calls["getupdates"]
    async with asyncio.timeout(10):
        while emulator.state.calls["getupdates"] <= calls + 1:  # noqa: ASYNC110  # a counter
            await asyncio.sleep(0.02)


async def page(folder: Path) -> str:
    """Lead somebody through it; the page that shows the terminal afterwards."""
    Shop(folder / "sovani_bot.db")
    console = Console(
        file=io.StringIO(), record=True, force_terminal=True, width=130, highlight=False
    )
    templates = Templates(zone=ZoneInfo("UTC"), clock=lambda: NOW)
    screen = Screen(console=console, templates=templates, redact=Redactor([]))
    answers = iter([DEMO_TOKEN, "meet", "1", "2", "a", "m", "", "y"])
    async with Emulator() as emulator:
        guide = Guide(
            talk=Talk(screen=screen, keys=Person(console, emulator, answers)),
            target=folder / ".env",
            clock=lambda: NOW,
            environ={"TELEGRAM_API_URL": emulator.url},
            home=folder / "home",
        )
        await guide.lead()
    code = console.export_html(theme=MONOKAI, inline_styles=True, code_format="{code}")
    code = re.sub(r"(?m)^.*TELEGRAM_API_URL.*\n", "", code)  # the demo's own server
    return PAGE.format(code=code.replace(str(folder), SHOWN))
