"""What a check remembers between rounds, read back with care: it may be of an older release."""

from typing import TypeVar

from pydantic import TypeAdapter, ValidationError

from bot.core.tools import Memory

T = TypeVar("T")


async def recall(memory: Memory, key: str, shape: TypeAdapter[T], otherwise: T) -> T:
    try:
        return shape.validate_python(await memory.get(key))
    except ValidationError:
        return otherwise


async def remember(memory: Memory, key: str, shape: TypeAdapter[T], value: T) -> None:
    await memory.put(key, shape.dump_python(value, mode="json"))
