"""SoVAni's `DATABASE_URL`, in every notation it is written in."""

from pathlib import Path

import pytest

from bot.edges.shop import open_maintenance, open_shop
from bot.edges.shop.address import PostgresServer, SqliteFile, parse
from bot.edges.shop.maintenance import SqliteMaintenance
from bot.edges.shop.sqlite import SqliteShop
from tests.edges.shop.helpers import as_named, names_in


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("sqlite:///./sovani_bot.db", "sovani_bot.db"),
        ("sqlite:///sovani_bot.db", "sovani_bot.db"),
        ("sqlite:////srv/shop/sovani_bot.db", "/srv/shop/sovani_bot.db"),
        ("sqlite+aiosqlite:///./sovani_bot.db", "sovani_bot.db"),
        (" sqlite:///a/b.db?timeout=5 \n", "a/b.db"),
    ],
)
def test_three_slashes_are_relative_and_four_absolute(url: str, path: str) -> None:
    assert parse(url) == SqliteFile(Path(path))


@pytest.mark.parametrize("scheme", ["postgresql", "postgres", "postgresql+psycopg"])
def test_every_driver_s_notation_means_the_same_server(scheme: str) -> None:
    assert parse(f"{scheme}://u:p@h/d") == PostgresServer("postgresql://u:p@h/d")
    assert parse("postgresql+asyncpg://h/d") == PostgresServer("postgresql://h/d")


@pytest.mark.parametrize(
    "url", ["", "sovani_bot.db", "mysql://u:hush@h/d", "sqlite://", "sqlite:///:memory:", "sqlite"]
)
def test_a_wrong_address_is_refused_without_repeating_it(url: str) -> None:
    with pytest.raises(ValueError, match="DATABASE_URL") as caught:
        parse(url)
    assert "hush" not in str(caught.value)


async def test_opening_touches_nothing(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/absent.db"
    shop, maintenance = open_shop(url, sql=as_named), open_maintenance(url)
    assert isinstance(shop, SqliteShop)
    assert isinstance(maintenance, SqliteMaintenance)
    assert names_in(tmp_path) == []
    await shop.close()
    await maintenance.close()
