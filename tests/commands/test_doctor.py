"""The whole table, as somebody sees it who has just installed the assistant."""

import asyncio
import io
import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
from rich.console import Console

import bot.doctor
from bot.commands import doctor as command
from bot.commands.doctor import examine_one
from bot.commands.screen import screen
from bot.core.model import phrase
from bot.doctor import Case, Result, Verdict, fine, ill, skipped, uneasy, web_api
from bot.settings import Settings
from demo.telegram import DEMO_TOKEN, Emulator
from demo.telegram.world import ADMINS, SHOP_TEAM
from tests.checks.shop import Shop
from tests.doctor.patient import SECRETS, TEMPLATES, case, serving, settings, told
from tests.edges.raw_server import as_json, http

ROOT = Path(__file__).parents[2]
HEALTHY = {
    "/health": as_json({"status": "healthy"}),
    "/healthz": as_json({"checks": {}}),
    "/metrics": http('http_request_duration_seconds_bucket{endpoint="/a",le="+Inf"} 1\n'),
    "/ping": as_json({"Status": "OK"}),
    "/v3/product/list": as_json({"result": {}}),
}
WHAT = phrase("doctor_people")
SEEN = phrase("doctor_metrics_unused")
MEND = phrase("doctor_mend_wait")


TABLE = """
 What                 Verdict     What was seen                    How to mend
 ──────────────────────────────────────────────────────────────────────────────────────────────────
 Web API              ● ok        It is healthy.
 Chat -100, topic 7   ● broken    “[red]«hidden»[/red]” has no     Switch topics on in the group's
                                  topics.                          settings, or drop the topic from
                                                                   ALERT_CHAT_IDS.
 Admin token          ● warning   ADMIN_TOKEN is not set.          Copy ADMIN_TOKEN from SoVAni's
                                                                   .env; Clear cache needs it.

1 ok, 1 warning, 1 broken, 0 skipped
"""


async def printed(configured: Settings, folder: Path, width: int = 100) -> tuple[int, str]:
    paper = io.StringIO()
    console = Console(file=paper, width=width, color_system=None)
    code = await command.doctor(configured, console=console, folder=folder)
    return code, paper.getvalue()


async def test_a_whole_installation(tmp_path: Path) -> None:
    Shop(tmp_path / "shop.db")
    async with serving(HEALTHY) as server, Emulator() as emulator:
        emulator.state.updates.push("message", {})  # else whoever polls is waited for
        urls = dict.fromkeys(("web_api_url", "wb_api_url", "ozon_api_url"), server.url)
        chats = {"alert_chat_ids": f"{SHOP_TEAM}", "admin_chat_id": ADMINS}
        changes = {**SECRETS, **urls, **chats, "telegram_api_url": emulator.url}
        code, text = await printed(settings(tmp_path, **changes), tmp_path)
    assert code == 0
    verdicts = {row.what: row.verdict for row in rows(text)}
    assert [what for what, verdict in verdicts.items() if verdict == "broken"] == []
    assert verdicts["Bot token"] == "ok"
    assert verdicts[f"Chat {SHOP_TEAM}"] == "ok"
    assert verdicts["Ozon"] == verdicts["Wildberries"] == "ok"
    assert ", 0 broken, " in text.splitlines()[-1]


async def test_an_empty_machine(tmp_path: Path) -> None:
    """Everything is missing: each thing has its line, and no secret is in any of them."""
    (tmp_path / ".env").write_text("X=1")
    (tmp_path / ".env").chmod(0o644)
    url = "postgresql://ops:planted-db-password@127.0.0.1:1/shop"
    changes = {
        **SECRETS,
        "database_url": url,
        "service_manager": "supervisor",
        "telegram_proxy_url": "http://user:planted-proxy-password@127.0.0.1:1",
        "prometheus_url": "http://user:planted-prometheus-password@127.0.0.1:1",
    }
    code, text = await printed(settings(tmp_path, **changes), tmp_path)
    assert code == 1
    verdicts = {row.what: row.verdict for row in rows(text)}
    assert verdicts["Bot token"] == "broken"
    assert verdicts["Chat -1001000000001"] == "skipped"
    assert verdicts["People"] == "ok"
    assert verdicts["File .env"] == "broken"
    assert verdicts["Shop database"] == "broken"
    assert verdicts["Web API"] == verdicts["Prometheus"] == "broken"
    assert verdicts["Request times"] == "skipped", "Prometheus is asked instead"
    assert verdicts["Service manager"] == "broken"
    assert verdicts["Wildberries"] == verdicts["Ozon"] == "broken"
    assert verdicts["Disk"] == verdicts["Clock"] == "skipped"
    joined = "".join(text.split())
    assert "planted" not in joined
    assert DEMO_TOKEN.partition(":")[2] not in joined


async def test_every_broken_line_says_how_to_mend_it(tmp_path: Path) -> None:
    results = await command.examine_all(case(tmp_path, **SECRETS))
    for result in results:
        told(result)
        bad = result.verdict in {Verdict.BROKEN, Verdict.WARNING}
        assert (result.mend is not None) is bad, result


async def test_a_broken_examination_stops_no_other(tmp_path: Path) -> None:
    async def breaks(_case: Case) -> Sequence[Result]:
        raise RuntimeError(DEMO_TOKEN)

    [result] = await examine_one("web_api", breaks, case(tmp_path))
    assert told(result)[:3] == (
        "Web api",
        "broken",
        "The examination itself failed (RuntimeError).",
    )


async def test_a_hanging_examination_is_cut_off(tmp_path: Path) -> None:
    async def hangs(_case: Case) -> Sequence[Result]:
        await asyncio.Event().wait()
        return []

    [result] = await examine_one("disk", hangs, case(tmp_path), seconds=0.05)
    assert told(result)[1] == "broken"
    assert "did not finish within" in told(result)[2]


@pytest.mark.parametrize(
    ("results", "code"),
    [
        ([], 0),
        ([fine(WHAT, SEEN), uneasy(WHAT, SEEN, MEND), skipped(WHAT, SEEN)], 0),
        ([fine(WHAT, SEEN), ill(WHAT, SEEN, MEND)], 1),
    ],
)
def test_only_what_is_broken_counts(results: Sequence[Result], code: int) -> None:
    assert command.exit_code(results) == code


def test_examinations_come_in_one_order() -> None:
    found = bot.doctor.load()
    assert list(found)[:4] == ["token", "updates", "poller", "chats"]
    files = {path.stem for path in (ROOT / "bot" / "doctor").glob("[a-z]*.py")}
    assert set(found) == files


def test_every_examination_is_in_the_documentation() -> None:
    text = (ROOT / "docs" / "doctor.md").read_text(encoding="utf-8")
    assert all(f"`{name}`" in text for name in bot.doctor.load())


def test_neither_command_imports_aiogram() -> None:
    script = """
import json, sys
import bot.doctor
from bot.commands import check, doctor
bot.doctor.load()
print(json.dumps([name for name in ("aiogram", "alembic", "matplotlib") if name in sys.modules]))
"""
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert json.loads(done.stdout) == []


def test_the_table_on_paper(tmp_path: Path) -> None:
    title = f"[red]{SECRETS['admin_token']}[/red]\x1b\n"
    results = [
        fine(phrase("doctor_web"), phrase("doctor_web_fine")),
        ill(
            phrase("doctor_chat", chat=-100, topic=7),
            phrase("doctor_chat_no_topics", title=title),
            phrase("doctor_mend_topics", setting="ALERT_CHAT_IDS"),
        ),
        web_api.judge_token(is_set=False),
    ]
    paper = io.StringIO()
    console = Console(file=paper, width=100, color_system=None)
    configured = settings(tmp_path, **SECRETS)
    command.show(screen(configured, TEMPLATES, console), results)
    assert [line.rstrip() for line in paper.getvalue().splitlines()] == TABLE.splitlines()


class Row:
    def __init__(self, line: str) -> None:
        self.what, _, rest = line.partition("●")
        self.what = self.what.strip()
        self.verdict = rest.split()[0]


def rows(text: str) -> list[Row]:
    return [Row(line) for line in text.splitlines() if "●" in line]
