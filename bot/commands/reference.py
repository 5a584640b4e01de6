"""`python -m bot.commands.reference` writes `.env.example` and `docs/configuration.md`.

Both come from the settings. A test compares the files with what is written here.
"""

from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

import checks
from bot import schedules
from bot.commands.topics import MUST, grouped
from bot.settings import Settings
from bot.settings_text import shown_default

ROOT = Path(__file__).resolve().parent.parent.parent
COMMON = ("enabled", "interval_sec", "for_sec", "keep_sec")
NESTED = ("checks", "schedule")  # one name for each check or schedule

HEAD = """# Settings of SoVAni Ops. Copy to .env, fill in the first three; the rest has defaults.
# An existing SoVAni host's .env works as it is: add BOT_TOKEN, a token of its own.
# Generated from bot/settings.py by `python -m bot.commands.reference`.
"""

INTRO = """# Configuration

Settings come from the environment or from `.env` in the folder the assistant runs in (the
environment wins). A wrong one stops the start with one line: its name, what is wrong, an example.
Lists are separated by commas. Names of SoVAni's own `.env` keep their meaning; others in it are
ignored. Generated from `bot/settings.py` by `python -m bot.commands.reference`.
"""
TABLE = """
| Name | Default | Meaning |
|---|---|---|
"""

SCHEDULES = """
## What is done by the calendar

`SCHEDULE__<NAME>`: a cron line in `APP_TIMEZONE`, a period such as `10m`, or `off`
([schedule.md](schedule.md)).

| Name | Default | Meaning |
|---|---|---|
"""

CHECKS = """
## Switches and thresholds of one check

`CHECKS__<NAME>__<FIELD>`. Every check has `INTERVAL_SEC` for a pace of its own, `FOR_SEC` (it must
fire for so long before it is an alert) and `KEEP_SEC` (it must be well so long before it is over).
`ENABLED=false` switches it off ([checks.md](checks.md)). The switches, then the thresholds:

| Name | Default | Meaning |
|---|---|---|
"""


def env_example() -> str:
    text = HEAD
    for topic, fields in _topics():
        text += f"\n# --- {topic}\n"
        text += "".join(_example(name, field) for name, field in fields)
    return text


def configuration() -> str:
    chapters = "".join(
        f"\n## {topic}\n{TABLE}" + "".join(_row(name.upper(), field) for name, field in fields)
        for topic, fields in _topics()
    )
    switches = "".join(
        f"| `CHECKS__{check.upper()}__ENABLED` | `true` | Off: it never looks. |\n"
        for check, _ in configs()
    )
    own = "".join(
        _row(f"CHECKS__{check}__{name}".upper(), field)
        for check, config in configs()
        for name, field in config.model_fields.items()
        if name not in COMMON
    )
    planned = "".join(
        f"| `SCHEDULE__{name.upper()}` | `{one.when}` | {one.about} |\n"
        for name, one in schedules.load().items()
    )
    return INTRO + chapters + SCHEDULES + planned + CHECKS + switches + own


def configs() -> Iterator[tuple[str, type[BaseModel]]]:
    """Each check's name with the model of its settings."""
    for module in iter_modules(checks.__path__):
        if not module.name.startswith("_"):
            yield module.name, import_module(f"checks.{module.name}").Config


def _topics() -> Iterator[tuple[str, list[tuple[str, FieldInfo]]]]:
    fields = {name: one for name, one in Settings.model_fields.items() if name not in NESTED}
    for topic, names in grouped(fields).items():
        yield topic, [(name, fields[name]) for name in names]


def _example(name: str, field: FieldInfo) -> str:
    value = field.examples[0] if field.examples else _default(field)
    off = "" if name in MUST else "#"
    return f"\n# {field.description}\n{off}{name.upper()}={value}\n"


def _row(name: str, field: FieldInfo) -> str:
    default = _default(field)
    shown = f"`{default}`" if default else "–"
    return f"| `{name}` | {shown} | {field.description or ''} |\n"


def _default(field: FieldInfo) -> str:
    if field.default is PydanticUndefined:
        return ""
    return shown_default(field.default)


if __name__ == "__main__":
    (ROOT / ".env.example").write_text(env_example(), encoding="utf-8")
    (ROOT / "docs" / "configuration.md").write_text(configuration(), encoding="utf-8")
