"""Questions and answers on a terminal. Every sentence is a phrase of `templates/`."""

from collections.abc import Callable, Collection
from contextlib import nullcontext
from dataclasses import dataclass

from rich.text import Text

from bot.commands.guide.keyboard import Keys
from bot.commands.screen import Screen
from bot.core.model import Json, Phrase, phrase
from bot.edges.redact import Redactor

INDENT = "  "
YES, NO = frozenset({"y", "yes"}), frozenset({"n", "no"})


class Stopped(Exception):  # noqa: N818  # an end, with its reason in words
    """The guide cannot go on; nothing was written."""

    def __init__(self, why: Phrase) -> None:
        super().__init__(why.key)
        self.why = why


@dataclass(slots=True)
class Talk:
    screen: Screen
    keys: Keys

    def hide(self, secrets: Collection[str]) -> None:
        """Never show these, whatever repeats them."""
        self.screen = Screen(
            console=self.screen.console,
            templates=self.screen.templates,
            redact=Redactor(secrets),
        )

    def say(self, key: str, style: str = "", /, **values: Json) -> None:
        self.tell(phrase(key, **values), style)

    def tell(self, said: Phrase | str, style: str = "", *, listed: bool = False) -> None:
        """Print one line; one of a list stands further in."""
        line = Text(INDENT if listed else "").append_text(self.screen.cell(said, style))
        self.screen.console.print(line, soft_wrap=True)

    async def ask(self, said: Phrase, *, default: str = "", hidden: bool = False) -> str:
        """Return what was typed, or the default for an empty line."""
        shown = f" [{default}]" if default else ""
        words = self.screen.words(said)
        # The echo is off before the question is there: some paste at once.
        with self.keys.unseen() if hidden else nullcontext():
            line = await self._answer(f"{words}{shown}: ")
        if hidden:
            self.screen.console.print()  # the key's own was not seen
        return line or default

    async def _answer(self, question: str) -> str:
        self.screen.console.print(question, end="", markup=False, highlight=False)
        return await self.keys.line()

    async def yes(self, said: Phrase, *, default: bool) -> bool:
        while True:
            typed = await self.ask(said, default="y" if default else "n")
            if typed.lower() in YES | NO:
                return typed.lower() in YES
            self.say("setup_yes_or_no")

    async def until(
        self, said: Phrase, fits: Callable[[str], bool], sorry: Phrase, *, default: str = ""
    ) -> str:
        """Ask until the answer fits."""
        while not fits(typed := await self.ask(said, default=default)):
            self.tell(sorry, "yellow")
        return typed
