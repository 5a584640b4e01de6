"""A shop under watch: its file, its real web API, and the product's own rounds on them."""

import asyncio
import secrets
import tempfile
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import aiohttp
from pydantic import SecretStr

from benchmarks._shops import ZONE
from benchmarks._timed import TimedShop
from bot.commands.build import Parts, open_tools
from bot.core.watch import Blind, Off, Watch, summary
from bot.settings import Settings
from demo import environment
from demo.children import Child
from demo.ports import HOST, free_ports

ANSWERED_BY_NOTHING = "/api/v1/sales?date_from=2020-01-01&date_to=2020-01-07"
READY_WITHIN = 30.0  # seconds
REQUESTS = 30  # more than the latency check needs to judge


class BlindRoundError(RuntimeError):
    """A round that saw nothing was fast for nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """One round of one check, in seconds; `questions` holds the database's part of `wall`."""

    check: str
    status: str
    wall: float
    questions: Mapping[str, float]

    @property
    def database(self) -> float:
        return sum(self.questions.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchedShop:
    parts: Parts
    watch: Watch
    timed: TimedShop
    web_url: str

    async def round(self) -> list[Round]:
        """All checks, one after the other."""
        return [await self._look(name) for name in self.parts.book.runbooks]

    async def _look(self, name: str) -> Round:
        self.timed.taken()
        began = time.perf_counter()
        seen = await self.watch.round(self.parts.book.runbooks[name])
        wall = time.perf_counter() - began
        if isinstance(seen, Blind | Off):
            raise BlindRoundError(f"{name} cannot see: {seen}")
        status, _ = summary(seen)
        return Round(check=name, status=status, wall=wall, questions=self.timed.taken())

    async def visit(self) -> None:
        """Give the web API something to measure, so that the latency check can judge."""
        async with aiohttp.ClientSession(self.web_url) as session:
            for _ in range(REQUESTS):
                async with session.get(ANSWERED_BY_NOTHING, raise_for_status=True) as answer:
                    await answer.read()


@asynccontextmanager
async def watched(
    database: Path, checks: Mapping[str, Mapping[str, Any]] | None = None
) -> AsyncIterator[WatchedShop]:
    """Open the product on a file; `checks` are thresholds, as of `CHECKS__<NAME>__<FIELD>`."""
    port = free_ports(1)[0]
    web_url = f"http://{HOST}:{port}"
    with tempfile.TemporaryDirectory(prefix="sovani-ops-watch-") as name:
        folder, env = Path(name), _env(database, port)
        web = await Child.start("web", ("-m", "demo.shop.web"), env=env, folder=folder)
        try:
            await _answers(web, web_url)
            settings = _settings(database, folder / "state.db", web_url, checks or {})
            async with open_tools(settings, state=settings.state_path) as parts:
                timed = TimedShop(parts.tools.shop)
                watch = replace(parts.watch, tools=replace(parts.tools, shop=timed))
                yield WatchedShop(parts=parts, watch=watch, timed=timed, web_url=web_url)
        finally:
            await web.stop()


def _env(database: Path, port: int) -> dict[str, str]:
    return {
        **environment.bare(),
        "DATABASE_URL": f"sqlite:///{database}",
        "APP_TIMEZONE": ZONE,
        "DEMO_WEB_PORT": str(port),
        "DEMO_TRAFFIC_RPS": "0",
    }


def _settings(
    database: Path, state: Path, web_url: str, checks: Mapping[str, Mapping[str, Any]]
) -> Settings:
    return Settings(
        bot_token=SecretStr(f"4200000000:{secrets.token_hex(18)}"),
        admin_chat_id=1001,
        database_url=SecretStr(f"sqlite:///{database}"),
        state_database_url=f"sqlite:///{state}",
        web_api_url=web_url,
        prometheus_url=None,
        service_manager="none",
        app_timezone=ZONE,
        checks={name: dict(fields) for name, fields in checks.items()},
    )


async def _answers(web: Child, url: str) -> None:
    async with aiohttp.ClientSession() as session, asyncio.timeout(READY_WITHIN):
        while True:
            web.must_live()
            with suppress(aiohttp.ClientError):
                async with session.get(f"{url}/health", raise_for_status=True):
                    return
            await asyncio.sleep(0.05)
