"""A PostgreSQL server, as the shop's tests have it."""

from tests.edges.shop.conftest import postgres

__all__ = ["postgres"]  # a fixture too
