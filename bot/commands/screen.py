"""Sentences and tables on a terminal: no secret, no control character, no markup from outside."""

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from bot.core.model import Json, Phrase, phrase
from bot.edges.redact import Redactor
from bot.edges.templates import Templates
from bot.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Screen:
    console: Console
    templates: Templates
    redact: Redactor

    def words(self, said: Phrase | str) -> str:
        """Turn a phrase, or text of unknown origin, into one harmless line."""
        text = said if isinstance(said, str) else self.templates.say_plain(said)
        return self.redact("".join(char for char in text if _is_harmless(char)))

    def cell(self, said: Phrase | str, style: str = "") -> Text:
        return Text(self.words(said), style=style)

    def harmless(self, value: Json) -> Json:
        """Clean every text inside of a value that will be printed as JSON."""
        match value:
            case str():
                return self.words(value)
            case Mapping():
                return {name: self.harmless(inner) for name, inner in value.items()}
            case Sequence():
                return [self.harmless(inner) for inner in value]
            case _:
                return value

    def table(self, *headings: str) -> Table:
        """Begin a table whose columns are headed by these phrases."""
        table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
        for heading in headings:
            table.add_column(self.words(phrase(heading)), overflow="fold")
        return table


def screen(settings: Settings, templates: Templates, console: Console | None = None) -> Screen:
    return Screen(
        console=console or Console(),
        templates=templates,
        redact=Redactor(settings.secrets()),
    )


def _is_harmless(char: str) -> bool:
    return not unicodedata.category(char).startswith("C")
