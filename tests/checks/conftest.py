"""A real SQLite file, the real reader of it and the real templates."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

import checks
from bot.core.model import Phrase, Reading, Status
from bot.core.runbook import Runbook
from bot.core.tools import Tools
from bot.edges.shop import open_shop
from bot.edges.templates import Templates, plain
from tests.checks.fakes import MOSCOW, NOON, FakeMemory, FakeServices, FakeWeb, spaced
from tests.checks.shop import Shop
from tests.machine import ports


@pytest.fixture(scope="session")
def templates() -> Templates:
    return Templates(zone=MOSCOW, clock=lambda: NOON)


@pytest.fixture(scope="session")
def runbooks() -> dict[str, Runbook]:
    return checks.load({})


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    return Shop(tmp_path / "shop.db")


@pytest.fixture
async def tools(shop: Shop, templates: Templates) -> AsyncIterator[Tools]:
    database = open_shop(f"sqlite:///{shop.path}", sql=templates.sql)
    yield Tools(
        shop=database, web=FakeWeb(), services=FakeServices(), memory=FakeMemory(), **ports()
    )
    await database.close()


@pytest.fixture
def say(templates: Templates, runbooks: dict[str, Runbook]) -> Callable[[str, Reading], str]:
    """What people read first about a reading: its headline, its proof or why it cannot judge."""

    def line(check: str, reading: Reading) -> str:
        if reading.status is Status.UNKNOWN:
            assert isinstance(reading.why, Phrase)
            return templates.say_plain(reading.why)
        block = "headline" if reading.status is Status.FIRING else "fine"
        name = f"{runbooks[check].folder}/card.html.j2"
        facts = {"facts": reading.facts, "proof": reading.facts, "subject": reading.subject}
        templates.block(name, "facts" if block == "headline" else "healed", **facts)
        text = templates.block(name, block, **facts)
        assert "\n" not in text
        return spaced(plain(text))

    return line
