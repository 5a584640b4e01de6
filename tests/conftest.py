"""Fixtures worn by more than one test file."""

import gc
import os
import shutil
import signal
import sys
from collections.abc import AsyncIterator, Generator
from datetime import time
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bot.core import beat_look, beats, senders, sight
from bot.core.book import Book
from bot.core.policy import Policy
from bot.core.runbook import Runbook
from bot.edges.store import SqlStore
from bot.edges.store.thread import StateThread
from bot.edges.telegram.deferred import import_aiogram
from bot.settings_types import Window
from demo.workshop import prepare_database
from tests import fakes
from tests.moment import ADMINS, NOON, TEAM, Clock
from tests.postgres import postgres

__all__ = ["ADMINS", "NOON", "TEAM", "Clock", "postgres"]  # with a fixture: one server for all

import_aiogram()  # as the assistant does, before a test imports it otherwise

# Some machines ask Python to keep no compiled files. The tests start this program a hundred
# times, and each time it would be compiled again, which is a third of a start.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False


def interrupted(_number: int, _frame: object) -> None:
    """What Ctrl-C does anyway.

    Where it is Python's own, asyncio puts another one in its place for each fixture and test, and
    Python 3.11 then writes out, for nobody, the `repr` of all that the fixture returned.
    """
    raise KeyboardInterrupt


signal.signal(signal.SIGINT, interrupted)

# Minutes long, with a Debian of its own: `make test-install` asks for it.
collect_ignore = [] if os.environ.get("TEST_INSTALL") else ["installing"]


# What takes whole seconds goes first: begun last, one worker would do it while the others rest.
LONG = (
    "tests/e2e/",
    "tests/properties/",
    "tests/demo/",
    "test_kills.py",
    "test_adding_a_check.py",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: not any(part in item.path.as_posix() for part in LONG))


def pytest_collection_finish() -> None:
    """What is loaded now stays: no search for garbage need look at it again."""
    gc.collect()
    gc.freeze()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Where everything is installed (`.ci/run`), a skipped test is a failed one."""
    report = yield
    if report.skipped and os.environ.get("NOTHING_SKIPPED"):
        report.outcome = "failed"
        report.longrepr = f"{item.nodeid} was skipped where nothing may be: {report.longrepr}"
    return report


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(scope="session")
def empty_state(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The state database as a first start makes it; nobody may change it."""
    path = tmp_path_factory.mktemp("state") / "state.db"
    StateThread.open(path).close()
    return path


@pytest.fixture
async def store(empty_state: Path, tmp_path: Path) -> AsyncIterator[SqlStore]:
    """Making the tables takes longer than most tests: each begins with a copy of its own."""
    path = tmp_path / "state.db"
    shutil.copy(empty_state, path)
    store = await SqlStore.open(path)
    yield store
    await store.close()


@pytest.fixture(scope="session")
def built_demo_shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo shop's database as a first start builds it; nobody may change it."""
    path = tmp_path_factory.mktemp("demo") / "sovani_bot.db"
    prepare_database(path, fresh=True, tell=lambda _text: None)
    return path


@pytest.fixture
def demo_folder(built_demo_shop: Path, tmp_path: Path) -> Path:
    """A demo's folder in which the shop stands already: building it takes a second."""
    folder = tmp_path / "demo"
    folder.mkdir()
    shutil.copy(built_demo_shop, folder)
    return folder


@pytest.fixture
def policy() -> Policy:
    return Policy(
        admin_chat=ADMINS,
        alert_chats=(TEAM,),
        zone=ZoneInfo("Europe/Moscow"),
        maintenance=Window(time(2, 30), time(5)),
        automatic=False,
    )


@pytest.fixture
def runbook() -> Runbook:
    """The growth check's runbook with a detector that says what the test wants."""
    return fakes.runbook()


@pytest.fixture
def book(policy: Policy, runbook: Runbook, store: SqlStore) -> Book:
    return Book(
        runbooks={runbook.name: runbook},
        remediations={action.name: action for action in fakes.remediations()},
        policy=policy,
        sight=sight.runbook(store),
        others={**senders.runbooks(), beats.NAME: beat_look.runbook(store)},
    )
