"""Where the shop's database is, read from SoVAni's `DATABASE_URL`."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class SqliteFile:
    path: Path


@dataclass(frozen=True, slots=True)
class PostgresServer:
    """`conninfo` is libpq's notation; it holds the password and is never shown."""

    conninfo: str


def parse(url: str) -> SqliteFile | PostgresServer:
    """Understand SQLAlchemy's notation, whatever driver it names.

    Raises `ValueError` that does not repeat the address: it may hold a password.
    """
    scheme, separator, rest = url.strip().partition("://")
    dialect = scheme.partition("+")[0].lower()
    if separator and dialect == "sqlite":
        return SqliteFile(_path(rest))
    if separator and dialect in {"postgresql", "postgres"}:
        return PostgresServer(f"postgresql://{rest}")
    raise ValueError("DATABASE_URL must begin with sqlite:/// or postgresql://")


def _path(rest: str) -> Path:
    """Three slashes are a relative path, four an absolute one."""
    host, _, name = rest.partition("?")[0].partition("/")
    if host or not name or name == ":memory:":
        raise ValueError("DATABASE_URL names no file, such as sqlite:///./sovani_bot.db")
    return Path(name)
