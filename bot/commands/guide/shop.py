"""The shop's database: found, or named by hand, and looked at as `doctor` does."""

from collections.abc import Callable, Sequence
from pathlib import Path

import checks
from bot.commands.doctor import COLOURS, examine_one
from bot.commands.guide.talk import Talk
from bot.commands.loading import WrongSettings, usable
from bot.commands.rules import shared
from bot.core.model import phrase
from bot.doctor import Case, Result, Verdict, load
from bot.edges.clock import utc_now
from bot.edges.shop.address import SqliteFile, parse
from bot.settings import Settings
from bot.settings_tables import Read

EXAMINATIONS = ("shop_database", "shop_index")
Load = Callable[[str], Read]


async def choose(talk: Talk, folder: Path, known: str, found: Sequence[Path], load: Load) -> str:
    """Return the address of a database that was looked at, or that a person insists on."""
    default = known or (url_of(found[0], folder) if found else "")
    for path in found:
        talk.say("setup_database_found", path=str(path), bytes=path.stat().st_size)
    while True:
        if known and default == known:
            # It may hold a password, so it is not shown as the answer that Enter gives.
            typed = await talk.ask(phrase("setup_database_known"), hidden=True)
        else:
            typed = await talk.ask(phrase("setup_database"), default=default)
        url = url_of(Path(typed), folder) if typed and "://" not in typed else typed or default
        if not _is_address(url):
            talk.say("setup_database_form", "yellow")
            continue
        if await _is_well(talk, url, load):
            return url
        if await talk.yes(phrase("setup_database_anyway"), default=False):
            return url
        default = known = ""


def url_of(path: Path, folder: Path) -> str:
    """Write a path as SoVAni does: relative to the folder where the settings are."""
    full = path.expanduser().resolve()
    if folder.resolve() == Path.cwd() and full.parent == folder.resolve():
        return f"sqlite:///./{full.name}"
    return f"sqlite:///{full}"


def placed(url: str, folder: Path) -> str:
    """Write an address of another folder's file of settings so that it is right from anywhere."""
    address = parse(url)
    if not isinstance(address, SqliteFile) or address.path.is_absolute():
        return url
    return f"sqlite:///{(folder / address.path).resolve()}"


def _is_address(url: str) -> bool:
    try:
        return bool(parse(url))
    except ValueError:
        return False


async def _is_well(talk: Talk, url: str, load_with: Load) -> bool:
    try:
        settings = usable(load_with(url))
    except WrongSettings as error:
        for line in error.lines:
            talk.tell(line, "yellow")
        return False
    # The name of a file is no secret, and people want to see which one it is.
    talk.hide([one for one in settings.secrets() if not one.startswith("sqlite")])
    results = [one for name in EXAMINATIONS for one in await _examine(talk, settings, name)]
    for result in results:
        _show(talk, result)
    return all(result.verdict is not Verdict.BROKEN for result in results)


async def _examine(talk: Talk, settings: Settings, name: str) -> Sequence[Result]:
    case = Case(
        settings=settings,
        runbooks=checks.load(settings.checks, shared(settings)),
        templates=talk.screen.templates,
        clock=utc_now,
    )
    return await examine_one(name, load()[name], case)


def _show(talk: Talk, result: Result) -> None:
    words = [talk.screen.words(one) for one in (result.what, result.seen, result.mend) if one]
    line = phrase("setup_examined", what=words[0], seen=words[1], mend=" ".join(words[2:]))
    talk.tell(line, COLOURS[result.verdict], listed=True)
