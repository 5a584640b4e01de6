"""What is done by the calendar. One file is one scheduled thing; adding a file adds it."""

from importlib import import_module
from pkgutil import iter_modules

from bot.core.schedule import Scheduled


def load() -> dict[str, Scheduled]:
    """Build everything in this folder, by name."""
    names = sorted(module.name for module in iter_modules(__path__))
    return {name: _build(name) for name in names if not name.startswith("_")}


def _build(name: str) -> Scheduled:
    scheduled: Scheduled = import_module(f"{__name__}.{name}").schedule()
    if scheduled.name != name:
        raise LookupError(f"{name}.py calls its schedule {scheduled.name}")
    return scheduled
