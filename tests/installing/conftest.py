"""A bare Debian and the packages of the lock file, made once."""

from pathlib import Path

import pytest

from tests.installing.box import bare_debian, wheels, why_not


@pytest.fixture(scope="session")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if reason := why_not():
        pytest.skip(f"no bare Debian here: {reason}")
    return bare_debian(tmp_path_factory.mktemp("base") / "debian")


@pytest.fixture(scope="session")
def packages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return wheels(tmp_path_factory.mktemp("packages"))
