"""What the product costs, measured. One benchmark a file, found by its name."""

from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import Any

from benchmarks._report import Report


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """`folder` is where files are built; those of an earlier run in it are used again."""

    folder: Path
    quick: bool = False


Benchmark = Callable[[Options], Coroutine[Any, Any, Report]]


def names() -> list[str]:
    found = (module.name for module in iter_modules(__path__))
    return sorted(name for name in found if not name.startswith("_"))


def load(wanted: Sequence[str]) -> dict[str, Benchmark]:
    """Raise `LookupError` with what there is, where a name is not among it."""
    if strangers := sorted(set(wanted) - set(names())):
        raise LookupError(f"no benchmark {', '.join(strangers)}; there are: {', '.join(names())}")
    return {name: import_module(f"{__name__}.{name}").run for name in wanted or names()}
