"""The HTTP API on a real socket, over real tables, with a shop that says what a test wants."""

import asyncio
import json
import ssl
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import httpx
import pytest

from bot import questions, web
from bot.commands.loops import remediate
from bot.core import grants
from bot.core.access import Access
from bot.core.book import Book
from bot.core.desk import Desk
from bot.core.detectors import Detectors
from bot.core.grants import ApiToken, Grant
from bot.core.model import Reading
from bot.core.ports import Tx
from bot.core.question import Command
from bot.core.runner import Runner
from bot.core.watch import Watch
from bot.edges.cards import Cards
from bot.edges.store import SqlStore
from bot.edges.tasks import Tasks
from bot.edges.templates import Templates
from bot.settings_web import Address
from bot.web.context import Context
from bot.web.incoming.intake import Intake
from bot.web.server import WebServer, listen
from tests import fakes
from tests.conftest import NOON, Clock

T = TypeVar("T")
ANN, BORIS = 1001, 1002
SECRETS = {one: f"secret-of-the-{one}" for one in ("sender", "viewer", "manager", "admin")}
ANNS, BORIS_OWN, GONE = "secret-of-ann", "secret-of-boris", "secret-of-somebody-gone"


def tokens() -> tuple[ApiToken, ...]:
    named = [ApiToken(f"the-{one}", Grant(one), grants.digest(SECRETS[one])) for one in SECRETS]
    return (
        *named,
        ApiToken("ann", Grant.ADMIN, grants.digest(ANNS), ANN),
        ApiToken("boris", Grant.ADMIN, grants.digest(BORIS_OWN), BORIS),
        ApiToken("gone", Grant.ADMIN, grants.digest(GONE), 999),
    )


class Ticks:
    """Monotonic seconds that stand still until a test moves them."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@dataclass(kw_only=True)
class Api:
    """The server and somebody who calls it."""

    context: Context
    store: SqlStore
    world: fakes.World
    clock: Clock
    ticks: Ticks
    client: httpx.AsyncClient
    address: Address

    async def get(self, path: str, who: str | None = "viewer", **more: Any) -> httpx.Response:  # noqa: ANN401  # httpx\'s own
        return await self.call("GET", path, who, **more)

    async def post(self, path: str, who: str | None = "manager", **more: Any) -> httpx.Response:  # noqa: ANN401  # httpx\'s own
        return await self.call("POST", path, who, **more)

    async def call(
        self,
        method: str,
        path: str,
        who: str | None,
        headers: Mapping[str, str] | None = None,
        **more: Any,  # noqa: ANN401  # httpx's own
    ) -> httpx.Response:
        secret = SECRETS.get(who, who) if who is not None else None
        bearer = {} if secret is None else {"Authorization": f"Bearer {secret}"}
        return await self.client.request(
            method, path, headers={**bearer, **(headers or {})}, **more
        )

    async def sees(self, *readings: Reading) -> None:
        """A round of the only check."""
        self.world.readings = readings
        for runbook in self.context.book.runbooks.values():
            await self.context.watch.round(runbook)

    async def audit(self) -> list[tuple[str, str, str]]:
        """Who did what, and what came of it."""
        query = "SELECT name, did, verdict FROM audit ORDER BY id"
        return [tuple(row) for row in await self.rows(query)]

    async def rows(self, query: str) -> list[Any]:
        """What the tables hold."""
        return await self.store.read(lambda tx: list(tx.connection.exec_driver_sql(query)))

    async def write(self, work: Callable[[Tx], T]) -> T:
        return await self.store.write(work)


@cache
def _slow_to_make() -> tuple[Templates, Mapping[str, Command]]:
    """Made once: nothing of a test is kept in them."""
    return Templates(zone=ZoneInfo("Europe/Moscow"), clock=lambda: NOON), questions.load()


def is_problem(answer: httpx.Response, status: int, words: str = "") -> bool:
    """An error as it must be: one shape, no traceback, no secret."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    body = answer.json()
    assert {"type", "title", "status", "detail", "instance"} <= body.keys()
    assert body["status"] == status
    assert words in body["detail"], body["detail"]
    text = json.dumps(body)
    assert "Traceback" not in text
    assert [one for one in (*SECRETS.values(), ANNS, GONE) if one in text] == []
    return True


async def _at_once(_seconds: float) -> None:
    await asyncio.sleep(0)


def client_of(server: WebServer) -> httpx.AsyncClient:
    plain = ssl.SSLContext(
        ssl.PROTOCOL_TLS_CLIENT
    )  # reading certificates takes longer than a test
    return httpx.AsyncClient(
        base_url=f"http://{server.address}", timeout=10, trust_env=False, verify=plain
    )


@pytest.fixture
def world() -> fakes.World:
    return fakes.World(preflight={}, readings=())


@pytest.fixture
def ticks() -> Ticks:
    return Ticks()


@pytest.fixture
def context(
    store: SqlStore, book: Book, clock: Clock, world: fakes.World, ticks: Ticks
) -> Context:
    access = Access(admins={ANN}, managers={BORIS}, viewers=(), chats=(-1002,))
    templates, commands = _slow_to_make()
    tools = fakes.tools(world)
    watch = Watch(store=store, tools=tools, book=book, clock=clock, wake=lambda: None)
    return Context(
        store=store,
        book=book,
        cards=Cards(templates=templates, book=book),
        templates=templates,
        watch=watch,
        detectors=Detectors(watch=watch, start=Tasks().start),
        tools=tools,
        access=access,
        desk=Desk(store=store, book=book, access=access, clock=clock, wake=lambda: None),
        commands=commands,
        clock=clock,
        wake=lambda: None,
        intake=Intake(store=store, book=book, clock=clock),
        tokens=tokens(),
        monotonic=ticks,
        interval=timedelta(minutes=5),
    )


@pytest.fixture
async def api(  # fixtures
    context: Context, store: SqlStore, world: fakes.World, clock: Clock, ticks: Ticks
) -> AsyncIterator[Api]:
    server = WebServer(context, web.endpoints(context))
    await server.start(listen(Address("127.0.0.1", 0)))
    tasks = Tasks()
    tasks.keep(context.intake.run, name="intake")
    works = asyncio.Event()
    store.changed = works.set
    runner = Runner(
        store=store,
        book=context.book,
        tools=fakes.tools(world),
        watch=context.watch,
        clock=clock,
        wake=works.set,
        sleep=_at_once,
    )
    tasks.keep(lambda: remediate(runner, tasks, works), name="remediations")
    async with client_of(server) as client:
        yield Api(
            context=context,
            store=store,
            world=world,
            clock=clock,
            ticks=ticks,
            client=client,
            address=server.address,
        )
    await server.aclose()
    await tasks.close()
