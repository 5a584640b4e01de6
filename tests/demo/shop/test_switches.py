"""Each switch breaks the shop for real, shows what is real, and repairs it."""

import asyncio
import os
import sqlite3
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path
from random import Random
from threading import Event
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from demo.ports import free_ports
from demo.shop.database import opened, reading, transaction
from demo.shop.scheduler import jobs
from demo.shop.scheduler.loop import Scheduler
from demo.shop.settings import Settings
from demo.shop.supervision import SCHEDULER, Supervisor, write_configuration
from demo.shop.switches import free_pages
from demo.shop.switches.app import Panel, all_switches
from demo.shop.switches.base import Site
from demo.shop.web.app import build
from demo.shop.web.cache import Cache
from demo.shop.web.context import Context
from demo.shop.web.metrics import Metrics
from tests.demo.shop.kit import NOW, Clock, until

IDS = [
    "slow_api",
    "no_sales",
    "negative_cash",
    "wrong_commissions",
    "full_of_free_pages",
    "scheduler_dead",
]
BALANCE = "SELECT cumulative_balance FROM vw_cashflow_daily ORDER BY d DESC LIMIT 1"
OUTLIERS = (
    "SELECT COUNT(*) FROM vw_commission_recon"
    " WHERE d >= '2026-03-03' AND d < '2026-03-10' AND flag_outlier = 1"
)


@asynccontextmanager
async def listening(app: web.Application) -> AsyncIterator[str]:
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    await runner.cleanup()


class Page:
    """The switches as the page sees them."""

    def __init__(self, session: aiohttp.ClientSession) -> None:
        self._session = session

    async def all(self) -> dict[str, Any]:
        async with self._session.get("/switches") as answer:
            return {view["id"]: view for view in await answer.json()}

    async def on(self, switch: str) -> bool:
        return bool((await self.all())[switch]["on"])

    async def turn(self, switch: str, on: object) -> tuple[int, dict[str, Any]]:
        async with self._session.post(f"/switches/{switch}", json={"on": on}) as answer:
            return answer.status, await answer.json()


@asynccontextmanager
async def panel(settings: Settings, clock: Clock, supervisor: str) -> AsyncIterator[Page]:
    cache = Cache(lambda: 0.0, Random(1))
    shop = build(Context(settings, cache, Metrics(), clock))
    async with listening(shop) as web_url:
        site = Site(settings, web_url, Supervisor(supervisor), clock)
        switches = Panel(all_switches(site)).application()
        async with listening(switches) as url, aiohttp.ClientSession(url) as session:
            yield Page(session)


@pytest.fixture
async def page(settings: Settings, clock: Clock) -> AsyncIterator[Page]:
    nobody = f"http://127.0.0.1:{free_ports(1)[0]}/RPC2"
    async with panel(settings, clock, nobody) as page:
        yield page


def figure(database: Path, query: str) -> Any:  # noqa: ANN401  # any cell
    with reading(database) as shop:
        return shop.execute(query).fetchone()[0]


async def test_a_healthy_shop_has_all_switches_off(page: Page) -> None:
    views = await page.all()
    assert list(views) == IDS
    assert all(view["label"] and view["explains"] and view["mend_by"] for view in views.values())
    views.pop("scheduler_dead")  # there is no supervisor in this test
    assert {view["on"] for view in views.values()} == {False}


async def test_what_cannot_be_seen_is_neither_on_nor_off(page: Page) -> None:
    assert (await page.all())["scheduler_dead"]["on"] is None
    status, answer = await page.turn("scheduler_dead", on=True)
    assert status == 503
    assert "Scheduler dead" in answer["error"]


async def test_slow_api(page: Page) -> None:
    await page.turn("slow_api", on=True)
    assert await page.on("slow_api")
    await page.turn("slow_api", on=False)
    assert not await page.on("slow_api")


async def test_no_sales_stays_until_the_scheduler_starts_anew(
    page: Page, settings: Settings, clock: Clock
) -> None:
    await page.turn("no_sales", on=True)
    assert await page.on("no_sales")
    last = "SELECT status FROM job_runs WHERE job_name LIKE 'collect%' ORDER BY id DESC LIMIT 1"
    assert figure(settings.database, last) == "failed"

    Scheduler(settings, clock, Event()).perform("collect_yesterday_data")
    assert await page.on("no_sales"), "a run of the same process cannot heal it"

    stop = Event()
    restarted = Scheduler(settings, lambda: NOW, stop)
    running = asyncio.create_task(asyncio.to_thread(restarted.run))  # noqa: TID251  # ended below

    async def healed() -> bool:
        return not await page.on("no_sales")

    await until(healed)
    stop.set()
    await running


async def test_no_sales_off_collects_them_again(page: Page, settings: Settings) -> None:
    before = figure(settings.database, "SELECT SUM(revenue_gross) FROM daily_sales")
    await page.turn("no_sales", on=True)
    await page.turn("no_sales", on=False)
    assert not await page.on("no_sales")
    assert not settings.session_lost.exists()
    after = figure(settings.database, "SELECT SUM(revenue_gross) FROM daily_sales")
    assert after == pytest.approx(before)


async def test_negative_cash_outlives_the_recalculation(page: Page, settings: Settings) -> None:
    before = figure(settings.database, BALANCE)
    for _ in range(2):  # a double tap pays once
        await page.turn("negative_cash", on=True)
    assert figure(settings.database, BALANCE) == pytest.approx(-15_000, abs=0.01)
    jobs.recalc_recent_metrics(settings, NOW)
    assert await page.on("negative_cash")

    await page.turn("negative_cash", on=False)
    assert not await page.on("negative_cash")
    assert figure(settings.database, BALANCE) == pytest.approx(before, abs=0.01)


async def test_wrong_commissions_are_taken_back_to_the_kopeck(
    page: Page, settings: Settings
) -> None:
    everything = "SELECT group_concat(commission_amount || src_hash) FROM daily_sales"
    before, usual = figure(settings.database, everything), figure(settings.database, OUTLIERS)
    for _ in range(2):
        await page.turn("wrong_commissions", on=True)
    assert await page.on("wrong_commissions")
    assert figure(settings.database, OUTLIERS) == usual + 12
    raised = "SELECT MAX(delta_pct) FROM vw_commission_recon WHERE d >= '2026-03-07'"
    assert 8 < figure(settings.database, raised) < 33

    await page.turn("wrong_commissions", on=False)
    assert not await page.on("wrong_commissions")
    assert figure(settings.database, everything) == before


async def test_free_pages_are_mended_by_vacuum_only(page: Page, settings: Settings) -> None:
    small = settings.database.stat().st_size
    status, _ = await page.turn("full_of_free_pages", on=True)
    assert status == 200
    assert await page.on("full_of_free_pages")
    assert settings.database.stat().st_size > small + 150_000_000

    _, answer = await page.turn("full_of_free_pages", on=False)
    assert answer["on"] is True
    assert "VACUUM" in answer["note"]

    with closing(sqlite3.connect(settings.database, isolation_level=None)) as shop:
        shop.execute("VACUUM")
        shop.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    assert not await page.on("full_of_free_pages")
    assert settings.database.stat().st_size <= small


async def test_filling_waits_for_another_writer(
    page: Page, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(free_pages, "JUNK_MB", 110)
    with opened(settings.database) as other:
        with transaction(other):
            filling = asyncio.create_task(page.turn("full_of_free_pages", on=True))  # noqa: TID251  # awaited below
            await page.all()  # looking is possible meanwhile
            assert not filling.done()
        status, _ = await filling
    assert status == 200
    assert await page.on("full_of_free_pages")


@pytest.mark.parametrize("wish", [None, "yes", 1])
async def test_an_unclear_wish_changes_nothing(page: Page, wish: object) -> None:
    status, _ = await page.turn("negative_cash", on=wish)
    assert status == 400
    assert not await page.on("negative_cash")


async def test_an_unknown_switch_is_a_404(page: Page) -> None:
    status, _ = await page.turn("everything", on=True)
    assert status == 404


async def test_scheduler_dead_under_a_real_supervisor(
    settings: Settings, clock: Clock, tmp_path: Path
) -> None:
    web_port, port = free_ports(2)
    url = f"http://demo:secret@127.0.0.1:{port}/RPC2"
    configuration = write_configuration(tmp_path / "100% work", url)
    env = {
        **os.environ,
        "DATABASE_URL": f"sqlite:///{settings.database}",
        "DEMO_WEB_PORT": str(web_port),
        "PYTHONPATH": str(Path.cwd()),
    }
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "supervisor.supervisord", "-n", "-c", str(configuration)),
        env=env,
        stdout=asyncio.subprocess.DEVNULL,
    )
    supervisor = Supervisor(url)

    async def running() -> bool:
        try:
            return await supervisor.state(SCHEDULER) == "RUNNING"
        except OSError:
            return False

    try:
        await until(running)
        async with panel(settings, clock, url) as page:
            assert not await page.on("scheduler_dead")
            for _ in range(2):
                status, _ = await page.turn("scheduler_dead", on=True)
                assert status == 200
            assert await supervisor.state(SCHEDULER) == "STOPPED"
            assert await page.on("scheduler_dead")
            for _ in range(2):
                await page.turn("scheduler_dead", on=False)
            assert not await page.on("scheduler_dead")
            await supervisor.restart(SCHEDULER)
            assert await supervisor.state(SCHEDULER) == "RUNNING"
    finally:
        process.terminate()
        await process.wait()
