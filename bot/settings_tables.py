"""The settings that are tables, read by themselves where another setting is wrong."""

from typing import Any, Protocol, TypeVar

from pydantic import create_model
from pydantic_settings import BaseSettings

from bot.settings import Settings
from bot.settings_state import SOURCES

S = TypeVar("S", bound=BaseSettings)


class Read(Protocol):
    """Read these settings from where they are kept.

    Raises pydantic's `ValidationError`, and `SettingsError` where a table is no JSON.
    """

    def __call__(self, kind: type[S], /) -> S: ...


class Tables(BaseSettings):
    """`CHECKS` and `SCHEDULE`, in any form, and nothing whose mistakes could hide theirs."""

    model_config = SOURCES

    checks: dict[str, object] | Any = None
    schedule: dict[str, object] | Any = None

    def known(self) -> dict[str, dict[str, Any]]:
        """What is set for each check; what has another form is a mistake of `Settings`."""
        found = self.checks if isinstance(self.checks, dict) else {}
        return {name: own for name, own in found.items() if isinstance(own, dict)}

    def planned(self) -> dict[str, str]:
        """When each thing is done, in the words of the setting."""
        found = self.schedule if isinstance(self.schedule, dict) else {}
        return {name: line for name, line in found.items() if isinstance(line, str)}


def spared(kind: type[Settings], table: str) -> type[Settings]:
    """The same settings, where this table may be a text: the others can be judged."""
    known: Any = {table: (dict[str, object] | str, "")}
    return create_model(kind.__name__, __base__=kind, **known)
