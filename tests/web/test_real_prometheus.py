"""A real Prometheus and a real Alertmanager (Debian's), set up as `docs/` says, and a real chat.

Prometheus scrapes the assistant and a shop whose server goes down and comes back. It tells the
assistant both itself and through Alertmanager; each way with the right token and with a wrong one.
"""

import re
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from aiogram import Bot
from aiogram.client.default import DefaultBotProperties
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiohttp import web

from bot.core.policy import Policy
from bot.core.slo import Level
from bot.edges.clock import utc_now
from bot.edges.exposition import Exposition
from bot.edges.metrics import Metrics
from bot.edges.store import SqlStore
from bot.edges.tasks import Tasks
from bot.edges.telegram.courier import Courier
from bot.edges.telegram.limits import Pace
from bot.settings_types import ChatRef
from bot.web.context import Context
from demo.ports import free_ports
from demo.telegram import ADMINS, DEMO_TOKEN, SHOP_TEAM, ControlClient, Emulator, Json
from tests.web.conftest import SECRETS, Api
from tests.web.programs import running, until

ROOT = Path(__file__).resolve().parents[2]
RULES = ROOT / "deploy/prometheus/rules.yaml"
OURS = re.findall(r"- alert: (\w+)", RULES.read_text("utf-8"))
SHOP_RULE = """
groups:
  - name: shop
    rules:
      - alert: ShopDown
        expr: up{job="shop"} == 0
        labels: {severity: error}
        annotations: {summary: The shop does not answer}
"""
QUICK = "global: {scrape_interval: 300ms, scrape_timeout: 250ms, evaluation_interval: 300ms}\n"
WRONG = "not-the-token"


def documented(page: str, first_line: str) -> str:
    """Take an example out of the documents, as it stands there."""
    text = (ROOT / "docs" / page).read_text("utf-8")
    [found] = [
        one for one in re.findall(r"```yaml\n(.*?)```", text, re.DOTALL) if first_line in one
    ]
    return str(found)


def prometheus_yml(assistant: str, alertmanager: int, shop: int, rules: Sequence[Path]) -> str:
    """Write what the documents say, with this test's ports, and what goes wrong beside it."""
    scraping = documented("metrics.md", "scrape_configs:")
    scraping = scraping.replace("127.0.0.1:8090", assistant)
    scraping = scraping.replace(
        "/etc/prometheus/sovani-ops-rules.yaml", ", ".join(map(str, rules))
    )
    scraping += f"""
  - job_name: shop
    static_configs: [{{targets: ["127.0.0.1:{shop}"]}}]
"""
    alerting = documented("http-api.md", "alertmanagers:")
    alerting = alerting.replace("localhost:8090", assistant)
    alerting = alerting.replace("the-sender's-token", SECRETS["sender"])
    alerting += f"""
    - static_configs: [{{targets: ["127.0.0.1:{alertmanager}"]}}]
    - static_configs: [{{targets: ["{assistant}"]}}]
      authorization: {{credentials: {WRONG}}}
"""
    return QUICK + scraping + alerting


def alertmanager_yml(assistant: str) -> str:
    """Write what the documents say; a second receiver has a wrong token."""
    text = documented("http-api.md", "receivers:").replace("localhost:8090", assistant)
    text = text.replace(
        "group_wait: 10s, group_interval: 1m", "group_wait: 0s, group_interval: 1s"
    )
    text = text.replace("the-sender's-token", SECRETS["sender"])
    both = "routes: [{receiver: sovani-ops, continue: true}, {receiver: wrong}]"
    text = text.replace("route: {receiver: sovani-ops,", f"route: {{{both}, receiver: sovani-ops,")
    return (
        text
        + f"""
  - name: wrong
    webhook_configs:
      - url: http://{assistant}/webhook/alertmanager
        http_config: {{authorization: {{credentials: {WRONG}}}}}
"""
    )


@pytest.fixture
def clock() -> Callable[[], datetime]:
    """Prometheus lives in real time."""
    return utc_now


@pytest.fixture
def ticks() -> Callable[[], float]:
    return time.monotonic


@pytest.fixture
def policy(policy: Policy) -> Policy:
    return replace(policy, admin_chat=ChatRef(ADMINS), alert_chats=(ChatRef(SHOP_TEAM),))


@pytest.fixture
def metrics() -> Metrics:
    return Metrics()


@pytest.fixture
def context(context: Context, store: SqlStore, metrics: Metrics) -> Context:
    async def levels() -> Sequence[Level]:
        return []

    exposition = Exposition(metrics=metrics, store=store, levels=levels, clock=utc_now)
    return replace(context, metrics=exposition.render)


@pytest.fixture
async def phone(context: Context, store: SqlStore) -> AsyncIterator[ControlClient]:
    """A phone that shows the chat, and a courier that writes into it."""
    tasks = Tasks()
    async with Emulator() as emulator, ControlClient(emulator.url) as phone:
        session = AiohttpSession(api=TelegramAPIServer.from_base(emulator.url))
        bot = Bot(DEMO_TOKEN, session=session, default=DefaultBotProperties(parse_mode="HTML"))
        courier = Courier(
            bot=bot,
            store=store,
            cards=context.cards,
            pace=Pace(time.monotonic, chat_burst=20),
            tasks=tasks,
            clock=utc_now,
        )
        tasks.keep(courier.run, name="courier")
        store.changed = courier.wake
        yield phone
        await tasks.close()
        await session.close()


@dataclass
class Shop:
    """A server that Prometheus watches; it can go down and come back."""

    port: int
    runner: web.AppRunner | None = None

    async def up(self) -> None:
        async def figures(_request: web.Request) -> web.Response:
            return web.Response(text="orders_total 1\n")

        app = web.Application()
        app.router.add_get("/metrics", figures)
        self.runner = web.AppRunner(app, shutdown_timeout=0.1)
        await self.runner.setup()
        await web.TCPSite(self.runner, "127.0.0.1", self.port).start()

    async def down(self) -> None:
        assert self.runner is not None
        await self.runner.cleanup()


@dataclass
class Stage:
    """Both programs at work, and the shop that they watch."""

    shop: Shop
    prometheus: httpx.AsyncClient
    alertmanager: httpx.AsyncClient

    async def rules(self) -> dict[str, Any]:
        groups = (await self.prometheus.get("/api/v1/rules")).json()["data"]["groups"]
        return {one["name"]: one for group in groups for one in group["rules"]}

    async def value(self, query: str) -> float:
        answer = await self.prometheus.get("/api/v1/query", params={"query": query})
        found = answer.raise_for_status().json()["data"]["result"]
        return float(found[0]["value"][1]) if found else 0.0


@pytest.fixture
async def stage(api: Api, tmp_path: Path) -> AsyncIterator[Stage]:
    async with _stage(str(api.address), tmp_path) as made:
        yield made


@asynccontextmanager
async def _stage(assistant: str, folder: Path) -> AsyncIterator[Stage]:
    watching, telling, shop_port = free_ports(3)
    (folder / "shop.yaml").write_text(SHOP_RULE)
    (folder / "alertmanager.yml").write_text(alertmanager_yml(assistant))
    (folder / "prometheus.yml").write_text(
        prometheus_yml(assistant, telling, shop_port, [RULES, folder / "shop.yaml"])
    )
    shop = Shop(shop_port)
    await shop.up()
    async with (
        running(
            "prometheus-alertmanager",
            f"--config.file={folder / 'alertmanager.yml'}",
            f"--storage.path={folder / 'alertmanager'}",
            f"--web.listen-address=127.0.0.1:{telling}",
            "--cluster.listen-address=",
            log=folder / "alertmanager.log",
        ),
        running(
            "prometheus",
            f"--config.file={folder / 'prometheus.yml'}",
            f"--storage.tsdb.path={folder / 'prometheus'}",
            f"--web.listen-address=127.0.0.1:{watching}",
            "--rules.alert.resend-delay=1s",
            log=folder / "prometheus.log",
        ),
        httpx.AsyncClient(base_url=f"http://127.0.0.1:{watching}", trust_env=False) as one,
        httpx.AsyncClient(base_url=f"http://127.0.0.1:{telling}", trust_env=False) as other,
    ):
        stage = Stage(shop, one, other)

        async def at_work() -> bool:
            try:
                await other.get("/-/ready")
                return await stage.value('count(up{job=~"shop|sovani-ops"} == 1)') == 2
            except httpx.HTTPError:  # not yet
                return False

        await until("Prometheus sees the shop and the assistant", at_work)
        yield stage
    await shop.down()


def card(words: str, way: str) -> Callable[[Json], bool]:
    """Whose first line has the words and which came this way."""

    def fits(message: Json) -> bool:
        first, _, rest = message["text"].partition("\n")
        return words in first and f"Alert from {way}" in rest

    return fits


async def counted(program: httpx.AsyncClient, name: str) -> float:
    """Read how often, of the program's own figures."""
    lines = (await program.get("/metrics")).text.splitlines()
    return sum(float(one.split()[-1]) for one in lines if one.startswith(name + "{"))


async def test_alerts_come_both_ways_and_end_and_a_wrong_token_brings_nothing(
    stage: Stage, api: Api, phone: ControlClient, metrics: Metrics
) -> None:
    metrics.remediations.labels("remediate_vacuum_db", "failed")  # at 0, for Prometheus to see
    await stage.shop.down()
    for way in ("Prometheus", "Alertmanager"):
        told = await phone.wait_for(
            SHOP_TEAM, card("🟠 ShopDown: The shop does not answer", way), timeout=30
        )
        assert [button for row in told["buttons"] for button in row]
    await stage.shop.up()
    for way in ("Prometheus", "Alertmanager"):
        await phone.wait_for(SHOP_TEAM, card("✅ ShopDown", way), timeout=30)

    # The rules that are shipped: all can be evaluated, and one fires.
    metrics.remediations.labels("remediate_vacuum_db", "failed").inc()
    await phone.wait_for(
        SHOP_TEAM, card("remediate_vacuum_db did not help", "Prometheus"), timeout=30
    )
    rules = await stage.rules()
    assert rules.keys() == {*OURS, "ShopDown"}
    assert {name: one["lastError"] for name, one in rules.items() if one["health"] != "ok"} == {}

    rows = (await api.get("/api/v1/ops/alerts")).json()
    sources = [one["source"] for one in rows if one["message"].startswith("ShopDown")]
    assert sorted(sources) == ["external_alertmanager", "external_prometheus"]

    async def refused() -> bool:
        one = await counted(stage.prometheus, "prometheus_notifications_errors_total")
        other = await counted(stage.alertmanager, "alertmanager_notifications_failed_total")
        return one > 0 and other > 0

    await until("the wrong tokens are refused", refused)
    assert {did for _, did, verdict in await api.audit() if verdict == "api_wrong_token"} == {
        "POST /api/v2/alerts",
        "POST /webhook/alertmanager",
    }
