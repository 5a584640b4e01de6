"""Settings before people's eyes: what is wrong with one, and what a default looks like."""

import json
from datetime import time

from pydantic import BaseModel, SecretStr, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails, PydanticUndefined

from bot.settings import Settings
from bot.settings_types import Window
from bot.settings_web import Address


def mistakes(
    error: ValidationError, model: type[BaseModel] = Settings, prefix: str = ""
) -> list[str]:
    """One line for each wrong setting: its name, what is wrong, and an example.

    `prefix` stands before the names of a part with its own `model`, such as CHECKS__DB_GROWTH__.
    """
    return [f"{prefix}{_mistake(problem, model)}" for problem in error.errors()]


def _mistake(problem: ErrorDetails, model: type[BaseModel]) -> str:
    where, text = problem["loc"], problem["msg"].removeprefix("Value error, ")
    if not where:
        return text
    name = "__".join(str(part) for part in where).upper()
    if problem["type"] == "extra_forbidden":
        return f"{name}: there is no such setting, but {_names(model)}"
    field = model.model_fields.get(str(where[0]))
    example = _example(field) if field else ""
    hint = f" (for example {example})" if example else ""
    return f"{name}: {text}{hint}"


def _names(model: type[BaseModel]) -> str:
    return ", ".join(sorted(name.upper() for name in model.model_fields))


def _example(field: FieldInfo) -> str:
    if field.examples:
        return str(field.examples[0])
    return "" if field.default is PydanticUndefined else shown_default(field.default)


def shown_default(value: object) -> str:  # noqa: PLR0911  # one line a type
    """A default as one would write it into `.env`."""
    match value:
        case SecretStr():
            return value.get_secret_value()
        case Window(start, end):
            return f"{start:%H:%M}-{end:%H:%M}"
        case bool():
            return str(value).lower()
        case float() if value.is_integer():
            return str(int(value))
        case dict():
            return json.dumps(value) if value else ""
        case Address():
            return str(value)
        case frozenset() | tuple():
            return ",".join(str(one) for one in value)
        case time():
            return f"{value:%H:%M}"
        case None:
            return ""
        case _:
            return str(value)
