"""Brings the state database to this program's version, by Alembic, after a backup."""

import sqlite3
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from sqlalchemy import Connection, Engine

from bot.core.model import Phrase, phrase
from bot.edges.store.backup import FOLDER, before_upgrade, known_revisions
from bot.edges.store.schema import metadata

VERSIONS = (  # as Alembic makes it
    "CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL,"
    " CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num))"
)


class NewerDatabaseError(RuntimeError):
    """The state database was written by a newer release; it was left untouched."""


class UpgradeError(RuntimeError):
    """The upgrade did not end well; the tables are as they were before it."""

    def __init__(self, why: Phrase) -> None:
        super().__init__(f"{why.key} {dict(why.values)}")
        self.why = why


def upgrade(engine: Engine, state: Path | None = None) -> None:
    """Migrate, all or nothing; the file `state` is copied first, if it holds older tables."""
    known = known_revisions()
    with engine.connect() as connection:
        driver = connection.connection.driver_connection
        assert isinstance(driver, sqlite3.Connection)  # noqa: S101  # the only kind there is
        current = _revision(connection)
        if current == max(known):
            return
        if current is not None and current not in known:
            raise NewerDatabaseError(current)
        if current is None:
            _whole(driver, lambda: _begin(connection, max(known)))
            return
        if state is not None:
            before_upgrade(driver, state, current)
        _whole(driver, lambda: _run(connection))


def _whole(driver: sqlite3.Connection, work: Callable[[], None]) -> None:
    """Run `work` in one transaction, where a table may be made anew under its references."""
    driver.execute("PRAGMA foreign_keys=OFF")  # has no effect inside a transaction
    driver.execute("BEGIN IMMEDIATE")
    try:
        work()
        _refuse_broken_references(driver)
        driver.execute("COMMIT")
    except BaseException:
        with suppress(sqlite3.Error):  # an error of its own must not hide the first
            driver.execute("ROLLBACK")
        raise
    finally:
        driver.execute("PRAGMA foreign_keys=ON")


def _refuse_broken_references(driver: sqlite3.Connection) -> None:
    if broken := driver.execute("PRAGMA foreign_key_check").fetchone():
        raise UpgradeError(phrase("upgrade_orphans", table=broken[0], target=broken[2]))


def _revision(connection: Connection) -> str | None:
    """None: there are no tables of ours yet."""
    tables = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'alembic_version'"
    if connection.exec_driver_sql(tables).first() is None:
        return None
    found = connection.exec_driver_sql("SELECT version_num FROM alembic_version").first()
    return str(found[0]) if found else None


def _begin(connection: Connection, revision: str) -> None:
    """Make the tables as they are now; a test holds them equal to what the migrations make."""
    metadata.create_all(connection)
    connection.exec_driver_sql(VERSIONS)
    connection.exec_driver_sql("INSERT INTO alembic_version VALUES (?)", (revision,))


def _run(connection: Connection) -> None:
    # Only an upgrade pays for Alembic, not every start.
    from alembic import command  # noqa: PLC0415  # see above
    from alembic.config import Config  # noqa: PLC0415  # likewise

    config = Config()
    config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
