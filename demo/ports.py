"""Ports on 127.0.0.1."""

import socket
from contextlib import ExitStack

from demo.children import DemoError

HOST = "127.0.0.1"
HIGHEST = 65_535


def free_ports(count: int) -> list[int]:
    """Return ports that nobody listens on now, each another one."""
    with ExitStack() as stack:
        held = [stack.enter_context(socket.create_server((HOST, 0))) for _ in range(count)]
        return [int(sock.getsockname()[1]) for sock in held]


def check_free(port: int) -> None:
    if not 0 <= port <= HIGHEST:
        raise DemoError(f"{port} is no port: they go from 0 to {HIGHEST}.")
    try:
        socket.create_server((HOST, port)).close()
    except OSError as error:
        raise DemoError(
            f"Port {port} on {HOST} cannot be used ({error.strerror}). A demo may be running"
            f" there already; choose another port: python -m demo --port {port + 1}"
        ) from error
