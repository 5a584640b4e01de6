from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace

import psycopg
import pytest

from bot.core.machine import Connections
from bot.core.model import Reading, Severity, Status, Unreadable
from bot.core.tools import Tools
from bot.edges.shop import open_shop
from bot.edges.templates import Templates
from checks.db_connections import SUBJECT, Config, detect, diagnosis, judge
from tests import wide
from tests.checks.fakes import NOON, FakeMemory, FakeServices, FakeWeb, moment
from tests.checks.seen import Seen
from tests.checks.shop import Shop
from tests.machine import STORAGE, FakeMachine, ports

OPEN = moment(opened={SUBJECT: NOON})


def crowd(count: int, most: int = 100) -> Connections:
    states = [("idle", count - 3), ("idle in transaction", 2), ("active", 1)]
    return Connections(states=states, programs=[("sovani-web", count)], most=most)


@pytest.mark.parametrize(
    ("count", "opened", "severity"),
    [
        (79, (), None),
        (80, (), Severity.WARNING),
        (94, (), Severity.WARNING),
        (95, (), Severity.ERROR),
        (100, (), Severity.ERROR),
        (75, (SUBJECT,), Severity.WARNING),
        (74, (SUBJECT,), None),
    ],
)
def test_a_warning_then_an_error_and_it_clears_lower(
    count: int, opened: tuple[str, ...], severity: Severity | None
) -> None:
    found = judge(crowd(count), Config(), is_open=bool(opened))
    assert found.status is (Status.FIRING if severity else Status.OK)
    assert severity is None or found.severity is severity
    assert (found.facts["open"], found.facts["most"], found.facts["stuck"]) == (count, 100, 2)


def test_limits_stand_in_order() -> None:
    with pytest.raises(ValueError, match="WARN_PCT"):
        Config(warn_pct=96)


async def test_an_sqlite_file_is_well_and_says_why(
    shop: Shop, tools: Tools, templates: Templates, say: Callable[[str, Reading], str]
) -> None:
    file = open_shop(f"sqlite:///{shop.path}", sql=templates.sql)
    [found] = await detect(replace(tools, storage=file), moment(), config=Config())
    await file.close()
    assert found.status is Status.OK
    assert say("check_db_connections", found) == "SQLite: a file has none to run out of"
    assert await diagnosis(replace(tools, storage=file), moment()) == {"server": False}


async def test_a_real_server_fills_and_empties_again(
    postgres: str, templates: Templates, say: Callable[[str, Reading], str]
) -> None:
    """Ninety-seven are for everybody; each test's own one is among them."""
    url = f"{postgres}/postgres"
    server = open_shop(url, sql=templates.sql)
    machine = ports()
    machine["storage"] = server
    tools = Tools(
        shop=server, web=FakeWeb(), services=FakeServices(), memory=FakeMemory(), **machine
    )
    with ExitStack() as held:

        async def fill(wanted: int) -> Reading:
            while (now := await server.connections()) is None or now.open < wanted:
                held.enter_context(psycopg.connect(url, application_name="sovani-web"))
            [found] = await detect(tools, moment(), config=Config())
            return found

        well = await fill(60)
        warned = await fill(80)
        full = await fill(93)
    found = await detect(tools, OPEN, config=Config())
    answer = await diagnosis(tools, moment())
    await server.close()
    assert [well.status, warned.status, full.status] == [
        Status.OK,
        Status.FIRING,
        Status.FIRING,
    ]
    assert [warned.severity, full.severity] == [Severity.WARNING, Severity.ERROR]
    line = say("check_db_connections", full)
    assert line.endswith("of 97 database connections are taken, 95.9 %")
    assert found[0].status is Status.OK
    assert answer["server"] is True


async def test_a_server_that_takes_no_more_is_unknown(postgres: str, templates: Templates) -> None:
    with psycopg.connect(f"{postgres}/postgres", autocommit=True) as connection:
        connection.execute("DROP ROLE IF EXISTS few")
        connection.execute("CREATE ROLE few LOGIN CONNECTION LIMIT 1")
    url = f"{postgres}/postgres".replace("//shop@", "//few@")
    server = open_shop(url, sql=templates.sql)
    with psycopg.connect(url), pytest.raises(Unreadable) as blind:
        await server.connections()
    assert blind.value.why.key == "shop_no_more_connections"


async def seen(shop: Shop, tools: Tools) -> Seen:
    del shop
    many = 99_999
    widest = Connections(
        states=[(name, many) for name in ("idle in transaction (aborted)", "hidden", "active")]
        + [("fastpath function call", many), ("disabled", many), ("idle in transaction", many)],
        programs=[(f"{wide.MARKET} & <worker> {n} " + "x" * 60, many) for n in range(20)],
        most=6 * many,
    )

    async def at(found: Connections) -> tuple[list[Reading], Tools]:
        stored = replace(STORAGE, dialect="postgresql", connections=found)
        known = replace(tools, storage=FakeMachine(stored=stored))
        return await detect(known, moment(), config=Config()), known

    (well, _), (usual, _) = await at(crowd(40)), await at(crowd(83))
    most, known = await at(widest)
    return Seen(usual=usual, widest=most, well=well, tools=known)
