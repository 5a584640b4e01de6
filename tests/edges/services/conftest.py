"""One booted systemd for all tests of this folder."""

from collections.abc import Iterator

import pytest

from tests.edges.services.container import CannotBootError, Container, booted, why_not


@pytest.fixture(scope="session")
def container(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Container]:
    if reason := why_not():
        pytest.skip(f"no systemd in namespaces here: {reason}")
    try:
        with booted(tmp_path_factory.mktemp("systemd")) as container:
            yield container
    except CannotBootError as failure:
        pytest.skip(f"no systemd in namespaces here: {failure}")
