"""Ports on 127.0.0.1: what cannot be one is a line, no traceback."""

import pytest

from demo.children import DemoError
from demo.ports import check_free, free_ports


def test_a_number_that_is_no_port_is_said_to_be_none() -> None:
    with pytest.raises(DemoError, match="70000 is no port"):
        check_free(70_000)


def test_a_free_port_is_free() -> None:
    [port] = free_ports(1)
    check_free(port)
