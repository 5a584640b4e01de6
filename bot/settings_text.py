"""Settings before people's eyes: what is wrong with one, and what a default looks like."""

import json
from datetime import time

from pydantic import SecretStr, ValidationError

from bot.settings import Settings
from bot.settings_types import Window
from bot.settings_web import Address


def mistakes(error: ValidationError) -> list[str]:
    """One line for each wrong setting: its name, what is wrong, and an example."""
    return [_mistake(problem["loc"], problem["msg"]) for problem in error.errors()]


def _mistake(where: tuple[int | str, ...], message: str) -> str:
    text = message.removeprefix("Value error, ")
    if not where:
        return text
    name = "__".join(str(part) for part in where).upper()
    field = Settings.model_fields.get(str(where[0]))
    example = field.examples[0] if field and field.examples else None
    if example is None and field and field.default is not None and not field.is_required():
        example = shown_default(field.default)
    hint = f" (for example {example})" if example else ""
    return f"{name}: {text}{hint}"


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
