"""Reads the settings; each mistake is one line, and the program ends."""

import os
import sys
from collections.abc import Iterator, Mapping
from importlib import import_module
from pathlib import Path
from typing import NoReturn

from pydantic import ValidationError
from pydantic_settings import SettingsError

import checks
from bot.commands.plans import wrong_lines
from bot.commands.rules import shared
from bot.core.model import phrase
from bot.settings import Settings
from bot.settings_state import StateSettings
from bot.settings_tables import Read, S, Tables, spared
from bot.settings_text import mistakes

CONFIG_ERROR = 78  # EX_CONFIG of sysexits.h: a restart does not help


class WrongSettings(ValueError):  # noqa: N818  # settings are wrong, not the program
    """`lines`: one a mistake, with the name of its setting."""

    def __init__(self, lines: list[str]) -> None:
        super().__init__("\n".join(lines))
        self.lines = lines


def load_settings() -> Settings:
    """Read environment and files; each mistake is one line, and the program ends."""
    try:
        return usable(_read)
    except WrongSettings as error:
        _stop(error.lines)
    except (OSError, UnicodeDecodeError) as error:
        _stop([_unreadable(error)])


def _read(kind: type[S]) -> S:
    return kind(_env_file=env_files())


def usable(read: Read) -> Settings:
    """Settings that every part can be built with. Raises `WrongSettings` with all mistakes."""
    try:
        settings = read(Settings)
    except (ValidationError, SettingsError) as error:
        tables = read(Tables)
        in_tables = [*_wrong_checks(tables.known()), *wrong_lines(tables.planned())]
        raise WrongSettings([*_wrong(read, Settings, error), *in_tables]) from None
    if wrong := [*_wrong_together(settings), *wrong_lines(settings.schedule)]:
        raise WrongSettings(wrong)
    return settings


def _wrong(
    read: Read, kind: type[Settings], error: ValidationError | SettingsError
) -> Iterator[str]:
    """All but what is in the tables; a text that is no table hides nothing else."""
    if isinstance(error, ValidationError):
        yield from mistakes(error)
        return
    # Its own text names the field between quotes; only `CHECKS` and `SCHEDULE` are tables.
    table = str(error).split('"')[1]
    yield _no_table(table.upper())
    kind = spared(kind, table)
    try:
        read(kind)
    except (ValidationError, SettingsError) as another:
        yield from _wrong(read, kind, another)


def _wrong_together(settings: Settings) -> Iterator[str]:
    """What is wrong beside the shared targets, which a check's own setting may go with."""
    try:
        checks.load(settings.checks, shared(settings))
    except (ValidationError, LookupError):
        yield from _wrong_checks(settings.checks)


def _wrong_checks(known: Mapping[str, Mapping[str, object]]) -> Iterator[str]:
    for name, own in known.items():
        yield from _wrong_check(name, own)


def _wrong_check(name: str, own: Mapping[str, object]) -> Iterator[str]:
    """Each by itself: a mistake in one does not hide that of another."""
    try:
        checks.load({name: own})
    except ValidationError as error:
        config = import_module(f"{checks.__name__}.{name}").Config
        yield from mistakes(error, config, f"{error.title}__")
    except LookupError as error:
        yield f"CHECKS: {error.args[0]}"


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


def _no_table(name: str) -> str:
    from bot.commands.words import words  # noqa: PLC0415  # as above

    return words(phrase("settings_no_table", name=name))


def _stop(lines: list[str]) -> NoReturn:
    for line in lines:
        print(f"settings: {line}", file=sys.stderr)  # noqa: T201  # the log is not set up yet
    raise SystemExit(CONFIG_ERROR)
