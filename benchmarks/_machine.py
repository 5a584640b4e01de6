"""Where and with what a run was measured."""

import os
import platform
import sqlite3
from importlib.metadata import version

import psutil

from bot.edges.clock import utc_now

PACKAGES = ("aiogram", "aiohttp", "httpx", "sqlalchemy", "jinja2")


def machine() -> str:
    """One paragraph; the load tells how much else was going on."""
    memory = psutil.virtual_memory().total / 2**30
    load = " ".join(f"{one:.1f}" for one in os.getloadavg())
    packages = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    return (
        f"{utc_now():%Y-%m-%d %H:%M} UTC, {psutil.cpu_count()} cores, {memory:.0f} GB; "
        f"load before: {load}. Python {platform.python_version()}, "
        f"SQLite {sqlite3.sqlite_version}, {packages}."
    )
