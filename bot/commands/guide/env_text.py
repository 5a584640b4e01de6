"""The text of a file of settings, with some values changed and all else left as it is. Pure."""

import re
from collections.abc import Mapping

PLAIN = re.compile(r"[A-Za-z0-9_./:@,+=-]*")


def changed(text: str, values: Mapping[str, str]) -> str:
    """Change lines where they stand, or the commented examples of them; add the rest."""
    lines = text.splitlines()
    rest = dict(values)
    for name in values:
        if (at := _place(lines, name)) is not None:
            lines[at] = f"{name}={quoted(rest.pop(name))}"
            again = re.compile(rf"\s*(export\s+)?{name}\s*=")
            lines[at + 1 :] = [line for line in lines[at + 1 :] if not again.match(line)]
    if rest:
        lines += [*([""] if lines else []), "# Written by `python -m bot setup`"]
        lines += [f"{name}={quoted(value)}" for name, value in rest.items()]
    return "\n".join(lines) + "\n"


def quoted(value: str) -> str:
    """Write a value so that it is read back the same."""
    if PLAIN.fullmatch(value):
        return value
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"


def _place(lines: list[str], name: str) -> int | None:
    for looks in (rf"\s*(export\s+)?{name}\s*=", rf"#\s*{name}="):
        for number, line in enumerate(lines):
            if re.match(looks, line):
                return number
    return None
