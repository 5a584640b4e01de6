"""The command line. Each command imports only what it uses: `import aiogram` costs seconds."""

import asyncio
import gc
import sys
from pathlib import Path
from typing import Annotated

import typer

from bot.core.grants import Grant
from bot.core.model import Phrase, phrase
from bot.settings import Settings

# ruff: noqa: PLC0415  # a command must not pay for the imports of another

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,  # a traceback with locals would show secrets
    rich_markup_mode="rich",
    help="""SoVAni Ops watches a Wildberries and Ozon shop's database, web API and scheduler,
    and tells about trouble in Telegram, with buttons that repair it.

    Settings come from the environment or from [bold].env[/bold] in the current folder;
    [bold].env.example[/bold] lists them all. New here? Try [bold]python -m bot demo[/bold]:
    it needs no Telegram account.""",
)


@app.command()
def run() -> None:
    """Run the assistant: rounds of checks, cards, buttons, commands. Ends on Ctrl-C.

    Needs BOT_TOKEN, ADMIN_CHAT_ID and ADMIN_USER_IDS. Exit code 78: a setting is wrong.
    """
    gc.disable()  # a fifth of the start is looking for garbage in what is loaded for good
    settings = _settings()
    from bot.edges.telegram.deferred import import_aiogram

    import_aiogram()  # before the others do: half the memory and half the start
    import sqlite3

    from sqlalchemy.exc import DatabaseError

    from bot.commands.loading import CONFIG_ERROR
    from bot.commands.polling import WrongTokenError
    from bot.commands.run import run as work
    from bot.edges.single import AlreadyRunningError
    from bot.edges.store.backup import BackupError
    from bot.edges.store.migrate import NewerDatabaseError, UpgradeError
    from bot.edges.store.rows import from_phrase
    from bot.web.server import ListenError

    try:
        asyncio.run(work(settings))
    except WrongTokenError:
        _fail(_words(phrase("start_token")))
        raise typer.Exit(CONFIG_ERROR) from None
    except AlreadyRunningError as error:
        _fail(_words(error.why))
        raise typer.Exit(1) from None
    except ListenError as error:
        address = str(settings.http_listen)
        _fail(_words(phrase("start_listen", address=address, error=str(error))))
        raise typer.Exit(CONFIG_ERROR) from None
    except NewerDatabaseError as error:
        path = str(settings.state_path)
        _fail(_words(phrase("start_newer", path=path, version=str(error))))
        raise typer.Exit(CONFIG_ERROR) from None
    except (UpgradeError, BackupError) as error:
        _fail(_words(phrase("start_not_upgraded", why=from_phrase(error.why))))
        raise typer.Exit(1) from None
    except (DatabaseError, sqlite3.Error) as error:
        path, said = str(settings.state_path), str(getattr(error, "orig", error))
        _fail(_words(phrase("start_tables", path=path, error=said)))
        raise typer.Exit(1) from None
    except OSError as error:
        if error.filename is None:  # such as a lock that root has left in this folder
            raise
        file = str(error.filename)
        _fail(_words(phrase("start_file", file=file, error=error.strerror)))
        raise typer.Exit(1) from None


@app.command()
def demo(
    port: Annotated[int, typer.Option(help="Port of the chat page.", min=0, max=65_535)] = 8765,
    *,
    fresh: Annotated[bool, typer.Option("--fresh", help="Build the shop anew.")] = False,
    calm: Annotated[bool, typer.Option("--calm", help="Begin with nothing broken.")] = False,
    no_open: Annotated[bool, typer.Option("--no-open", help="Do not open a browser.")] = False,
) -> None:
    """Show the whole product on this machine: a shop, a chat page, no account needed.

    Everything runs on 127.0.0.1. Ctrl-C ends it all.
    """
    import os

    arguments = ["--port", str(port), *(["--fresh"] if fresh else [])]
    arguments += ["--no-open"] if no_open else []
    arguments += ["--calm"] if calm else []
    # The demo stands outside the product and starts it as a process of its own.
    os.execv(sys.executable, [sys.executable, "-m", "demo", *arguments])  # noqa: S606  # fixed


@app.command()
def check(
    names: Annotated[
        list[str] | None, typer.Argument(help="Checks to run, such as db_growth. Default: all.")
    ] = None,
    *,
    json: Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")] = False,
) -> None:
    """Run the detectors once and print what they see.

    Exit code 0: all is well. 1: something fires. 2: something is unknown. 64: no such check.
    78: a setting is wrong.
    """
    from bot.commands.check import check as work

    raise typer.Exit(asyncio.run(work(_settings(), names or [], as_json=json)))


@app.command()
def setup(
    file: Annotated[Path, typer.Option(help="Where the settings are written.")] = Path(".env"),
    shop: Annotated[
        Path | None, typer.Option(help="SoVAni's folder, where its .env is read too.")
    ] = None,
) -> None:
    """Make the file of settings by questions: token, chats, roles, database.

    Write /start in each chat, and their ids are known. Nothing is written before the end.
    """
    from bot.commands.setup import setup as work

    raise typer.Exit(work(file, shop))


@app.command()
def doctor() -> None:
    """Test everything outside: token, chats, database, web API, services, marketplaces, disk.

    Prints a table with a hint how to mend each. Exit code 1: something is broken. 78: a setting
    is wrong, and nothing was tested.
    """
    from bot.commands.doctor import doctor as work

    raise typer.Exit(asyncio.run(work(_settings())))


@app.command()
def backup(
    target: Annotated[
        Path | None, typer.Argument(help="File or folder. Default: backups beside the tables.")
    ] = None,
) -> None:
    """Copy the assistant's own tables, also while it runs. Never writes over a file."""
    from bot.commands.loading import load_state_path
    from bot.commands.upkeep import make_backup
    from bot.edges.clock import utc_now
    from bot.edges.store.backup import BackupError

    try:
        print(_words(make_backup(load_state_path(), target, utc_now())))  # noqa: T201  # its answer
    except BackupError as error:
        _fail(f"backup: {_words(error.why)}")
        raise typer.Exit(1) from None


@app.command()
def restore(copy: Annotated[Path, typer.Argument(help="A file that `backup` made.")]) -> None:
    """Put a backup in the place of the assistant's tables; the tables of before are kept.

    Refuses while the assistant runs: stop it first.
    """
    from bot.commands.loading import load_state_path
    from bot.commands.upkeep import take_back
    from bot.edges.clock import utc_now
    from bot.edges.store.backup import BackupError

    try:
        print(_words(take_back(copy, load_state_path(), utc_now())))  # noqa: T201  # its answer
    except BackupError as error:
        _fail(f"restore: {_words(error.why)}")
        raise typer.Exit(1) from None


@app.command()
def token(
    name: Annotated[str, typer.Argument(help="Whose it is, such as grafana.")],
    role: Annotated[Grant, typer.Argument(help="What it may do.")],
    user_id: Annotated[
        int | None, typer.Option("--user-id", help="The person it stands for, by Telegram id.")
    ] = None,
) -> None:
    """Make a token for the HTTP API. It is shown once; the settings keep only its hash.

    A sender only brings alerts and heartbeats. To take a token back, remove its line.
    """
    from bot.core import grants

    try:
        secret, made = grants.make(name, role, user_id)
        grants.parse(str(made))
    except ValueError as error:
        _fail(str(error))
        raise typer.Exit(2) from None
    print(secret)  # noqa: T201  # the one time that anybody sees it
    _fail(f"\n{_words(phrase('token_made'))}\n{made}")


def _settings() -> Settings:
    """Read the settings; from here on no line of any log shows a secret."""
    from bot.commands.loading import load_settings
    from bot.edges import logs

    settings = load_settings()
    logs.set_up(settings.log_format, settings.secrets())
    return settings


def _words(said: Phrase) -> str:
    """Only who has something to say pays for the templates."""
    from bot.commands.words import words

    return words(said)


def _fail(line: str) -> None:
    print(line, file=sys.stderr)  # noqa: T201  # the one line a person reads


if __name__ == "__main__":
    app()
