"""A sentence of ours on a terminal, where there are no settings yet."""

from zoneinfo import ZoneInfo

from rich.console import Console

from bot.commands.screen import Screen
from bot.core.model import Phrase
from bot.edges.clock import utc_now
from bot.edges.redact import Redactor
from bot.edges.templates import Templates


def words(said: Phrase) -> str:
    """One line without anything a terminal would obey."""
    templates = Templates(zone=ZoneInfo("UTC"), clock=utc_now)
    return Screen(console=Console(), templates=templates, redact=Redactor([])).words(said)
