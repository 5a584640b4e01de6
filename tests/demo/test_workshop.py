"""The demo's work folder: where it cannot be, that is a line and no traceback."""

from pathlib import Path

import pytest

from demo.children import DemoError
from demo.workshop import claimed


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    taken = tmp_path / "demo"
    taken.write_text("a file")
    with (
        pytest.raises(DemoError, match=r"demo cannot be written \(.*--folder PATH"),
        claimed(taken),
    ):
        pass
    assert taken.read_text() == "a file"


def test_one_demo_at_a_time(tmp_path: Path) -> None:
    with claimed(tmp_path / "demo"), pytest.raises(DemoError, match="is running"):  # noqa: SIM117
        with claimed(tmp_path / "demo"):
            pass
