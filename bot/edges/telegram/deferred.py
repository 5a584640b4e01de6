"""aiogram with its types built when they are first used. To be loaded before anything of aiogram.

While it is imported, aiogram has pydantic build a validator for each of Telegram's 450 types, and
each holds copies of all it is made of: 110 MB and most of the start, for types of which the
assistant meets a few. pydantic builds a deferred type by itself when it is first used, if it knows
the names in its annotations. aiogram has them at hand for the moment of its import only: here they
are kept.

Whatever another release does otherwise costs memory and time again, and breaks nothing.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any

from pydantic import BaseModel

Names = dict[str, Any]

# What is used at once. The first is in the second and in most answers, which then take it ready.
SOON = ("types.Message", "types.Update", "methods.SendMessage", "methods.EditMessageText")

# Requests whose answers come all day. pydantic forgets an answer's type that nobody holds at the
# next search for garbage, and the message that needs it then waits 6 ms for it to be built again.
ANSWERED = ("SendMessage", "EditMessageText", "AnswerCallbackQuery", "GetUpdates")
_held: list[object] = []


def import_aiogram() -> None:
    """Import aiogram's types; does nothing where they are loaded already."""
    if "aiogram.types" in sys.modules:
        return
    with _rebuilds_put_off() as names:
        import_module("aiogram.types")
    # Requests and answers speak of the types too, and were made without their names.
    methods = import_module("aiogram.methods")
    for name in methods.__all__:
        _know(getattr(methods, name), names)
    for soon in SOON:
        module, name = soon.split(".")
        getattr(import_module(f"aiogram.{module}"), name).model_rebuild()
    _held.extend(methods.Response[getattr(methods, name).__returning__] for name in ANSWERED)


@contextmanager
def _rebuilds_put_off() -> Iterator[Names]:
    """Let types that are asked to build themselves note the names that they are given."""
    names: Names = {}
    rebuild = BaseModel.__dict__["model_rebuild"]

    def note(
        cls: type[BaseModel], /, *, _types_namespace: Names | None = None, **others: bool
    ) -> bool | None:
        if _types_namespace is None:
            built: bool | None = rebuild.__get__(None, cls)(**others)
            return built
        names.update(_types_namespace)
        _know(cls, names)
        return None

    BaseModel.model_rebuild = classmethod(note)  # type: ignore[assignment,method-assign]  # put back
    try:
        yield names
    finally:
        BaseModel.model_rebuild = rebuild  # type: ignore[method-assign]  # as it was


def _know(cls: type[BaseModel], names: Names) -> None:
    cls.__pydantic_parent_namespace__ = names  # where pydantic looks when it builds one later
