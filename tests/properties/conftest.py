"""What the properties share."""

from pathlib import Path

import pytest

from tests.properties.tables import Tables


@pytest.fixture(scope="session")
def blank(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Tables of this release with nothing in them: making them takes longer than a story."""
    path = tmp_path_factory.mktemp("blank") / "state.db"
    Tables(path).close()
    return path
