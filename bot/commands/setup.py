"""`setup`: the guide on this terminal."""

import asyncio
import os
import sys
from pathlib import Path
from zoneinfo import ZoneInfo

from rich.console import Console

from bot.commands.guide import Guide, Stopped, Talk
from bot.commands.guide.keyboard import Keyboard
from bot.commands.screen import Screen
from bot.core.model import phrase
from bot.edges.clock import utc_now
from bot.edges.redact import Redactor
from bot.edges.templates import Templates

NO_TERMINAL, ENDED, INTERRUPTED = 2, 1, 130


def setup(file: Path, shop: Path | None) -> int:
    """Exit with 0 when the file is written; nothing is half-written otherwise."""
    templates = Templates(zone=ZoneInfo("UTC"), clock=utc_now)
    screen = Screen(console=Console(highlight=False), templates=templates, redact=Redactor([]))
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        print(screen.words(phrase("setup_needs_terminal")), file=sys.stderr)  # noqa: T201  # its answer
        return NO_TERMINAL
    talk = Talk(screen=screen, keys=Keyboard(sys.stdin.fileno()))
    guide = Guide(
        talk=talk,
        target=file.absolute(),
        clock=utc_now,
        environ=os.environ,
        shop_folder=shop.absolute() if shop else None,
        home=Path.home(),
    )
    try:
        asyncio.run(guide.lead())
    except Stopped as end:
        talk.tell(end.why, "yellow")
        return ENDED
    except (KeyboardInterrupt, EOFError):
        screen.console.print()
        talk.say("setup_nothing_written", "yellow")
        return INTERRUPTED
    return 0
