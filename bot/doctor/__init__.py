"""One outside thing a file. Adding a file adds an examination; no list needs an edit."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from importlib import import_module
from pkgutil import iter_modules

from bot.doctor._result import Case, Result, Verdict, fine, ill, skipped, uneasy

Examine = Callable[[Case], Awaitable[Sequence[Result]]]


def load() -> Mapping[str, Examine]:
    """Find every examination of this folder, keyed by its file's name and in order of `NUMBER`."""
    names = [one.name for one in iter_modules(__path__) if not one.name.startswith("_")]
    modules = {name: import_module(f"{__name__}.{name}") for name in names}
    return {name: modules[name].examine for name in sorted(names, key=lambda n: modules[n].NUMBER)}


__all__ = ["Case", "Examine", "Result", "Verdict", "fine", "ill", "load", "skipped", "uneasy"]
