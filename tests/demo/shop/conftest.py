import shutil
from pathlib import Path

import pytest

from demo.shop.data.build import Plan, build
from demo.shop.settings import Settings
from tests.demo.shop.kit import NOW, YESTERDAY, Clock, settings_of


@pytest.fixture(scope="session")
def plan() -> Plan:
    return Plan(yesterday=YESTERDAY, now=NOW, days=20, skus=60)


@pytest.fixture(scope="session")
def built(plan: Plan, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a small shop that nobody may change."""
    path = tmp_path_factory.mktemp("shop") / "built.db"
    build(path, plan)
    return path


@pytest.fixture
def database(built: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(built, tmp_path / "sovani_bot.db"))


@pytest.fixture
def settings(database: Path) -> Settings:
    return settings_of(database)


@pytest.fixture
def clock() -> Clock:
    return Clock()
