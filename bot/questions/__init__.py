"""What people may ask by command. One file is one command; adding a file adds it."""

from importlib import import_module
from pkgutil import iter_modules

from bot.core.question import Command


def load() -> dict[str, Command]:
    """Build every command in this folder, by name, in the order of the menu."""
    names = sorted(module.name for module in iter_modules(__path__))
    found = [_build(name) for name in names if not name.startswith("_")]
    return {command.name: command for command in sorted(found, key=lambda one: one.place)}


def _build(name: str) -> Command:
    command: Command = import_module(f"{__name__}.{name}").command()
    if command.name != name:
        raise LookupError(f"{name}.py calls its command {command.name}")
    return command
