"""Reads the settings; each mistake is one line, and the program ends."""

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import NoReturn

from pydantic import ValidationError

import checks
from bot.commands.plans import WrongSchedule, plans
from bot.commands.rules import shared
from bot.core.model import phrase
from bot.settings import Settings
from bot.settings_state import StateSettings
from bot.settings_text import mistakes

CONFIG_ERROR = 78  # EX_CONFIG of sysexits.h: a restart does not help


def load_settings() -> Settings:
    """Read environment and files; each mistake is one line, and the program ends."""
    try:
        settings = Settings(_env_file=env_files())
        checks.load(settings.checks, shared(settings))
        plans(settings)
    except ValidationError as error:
        prefix = "" if error.title == Settings.__name__ else f"{error.title}__"
        _stop([f"{prefix}{line}" for line in mistakes(error)])
    except WrongSchedule as error:
        _stop([str(error)])
    except LookupError as error:
        _stop([f"CHECKS: {error.args[0]}"])
    except (OSError, UnicodeDecodeError) as error:
        _stop([_unreadable(error)])
    return settings


def load_state_path() -> Path:
    """Where the assistant's own tables are, whatever else is wrong with the settings."""
    try:
        return StateSettings(_env_file=env_files()).state_path
    except ValidationError as error:
        _stop(mistakes(error))
    except (OSError, UnicodeDecodeError) as error:
        _stop([_unreadable(error)])


def env_files(environ: Mapping[str, str] = os.environ) -> tuple[Path, ...]:
    """Name the files of settings; the later ones win.

    Under systemd they come as credentials, which no other account can read: SoVAni's own
    `.env` and the assistant's (`LoadCredential=` in `deploy/systemd/sovani-ops.service`).
    """
    folder = environ.get("CREDENTIALS_DIRECTORY")
    if folder is None:
        return (Path(".env"),)
    return (Path(folder, "shop.env"), Path(folder, "env"))


def _unreadable(error: OSError | UnicodeDecodeError) -> str:
    # Only who has something to say pays for the templates.
    from bot.commands.words import words  # noqa: PLC0415  # see above

    file = getattr(error, "filename", None) or ".env"
    return words(phrase("settings_unreadable", file=str(file), error=str(error)))


def _stop(lines: list[str]) -> NoReturn:
    for line in lines:
        print(f"settings: {line}", file=sys.stderr)  # noqa: T201  # the log is not set up yet
    raise SystemExit(CONFIG_ERROR)
