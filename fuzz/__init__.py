"""Whatever comes in from outside, mutated for as long as one likes. One harness a file.

A harness has `SEEDS`, inputs to begin with, and `one(data)`, which must end in one of the errors
that its reader promises, or in a result that keeps its promises. What was found is a test.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules


@dataclass(frozen=True, slots=True)
class Harness:
    name: str
    seeds: Sequence[bytes]
    one: Callable[[bytes], None]


def names() -> list[str]:
    """All harnesses, and `api`: the served HTTP API."""
    found = (module.name for module in iter_modules([str(Path(__file__).parent / "readers")]))
    return ["api", *sorted(found)]


def load(name: str) -> Harness:
    module = import_module(f"fuzz.readers.{name}")
    return Harness(name, module.SEEDS, module.one)
