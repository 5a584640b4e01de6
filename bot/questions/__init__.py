"""What people may ask by command. One file is one command; adding a file adds it."""

from collections import Counter
from collections.abc import Mapping
from importlib import import_module
from pkgutil import iter_modules
from types import MappingProxyType

from bot.core.question import Command, typed
from bot.core.runbook import Remediation


def load(actions: Mapping[str, Remediation] = MappingProxyType({})) -> dict[str, Command]:
    """Build every command in this folder, and those of `actions`, in the order of the menu."""
    names = sorted(module.name for module in iter_modules(__path__))
    found = [_build(name) for name in names if not name.startswith("_")]
    found += [command for action in actions.values() if (command := typed(action))]
    twice = [name for name, count in Counter(one.name for one in found).items() if count > 1]
    if twice:
        raise LookupError(f"commands of two files each: {', '.join(twice)}")
    return {command.name: command for command in sorted(found, key=lambda one: one.place)}


def _build(name: str) -> Command:
    command: Command = import_module(f"{__name__}.{name}").command()
    if command.name != name:
        raise LookupError(f"{name}.py calls its command {command.name}")
    return command
