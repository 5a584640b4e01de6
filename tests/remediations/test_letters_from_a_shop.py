"""Letters with the numbers of a real shop's database, over a real SMTP conversation."""

import email
import email.policy
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook  # type: ignore[import-untyped]  # it ships no types

from bot.core.job import Job
from bot.core.letters import Whom
from bot.core.model import Facts, Moment, Person
from bot.core.runbook import Refused, Remediation
from bot.core.tools import ActionTools
from bot.edges.formats import MINUS, NARROW
from bot.edges.letters import OutgoingLetters
from bot.edges.shop import open_shop
from bot.edges.smtp import Smtp
from bot.edges.store import SqlStore
from bot.edges.templates import Templates
from bot.remediations import remediate_letter, remediate_notify_finance
from tests.checks.fakes import MOSCOW
from tests.checks.shop import Shop
from tests.checks.test_on_postgres import database
from tests.edges.postman import Postman, posted
from tests.questions.test_money import PNL
from tests.remediations.fakes import tools

__all__ = ["database"]  # a fixture

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
TODAY = NOW.date()
JOB = Job(moment=Moment(now=NOW, zone=MOSCOW), key="tap:1", who=Person(id=7, name="Ann"))
WB = replace(JOB, args={"marketplace": "WB"})
DRIFTED = """
DROP VIEW vw_cashflow_daily;
CREATE VIEW vw_cashflow_daily AS SELECT d, marketplace, net AS balance FROM cashflow_daily;
DROP VIEW vw_commission_recon;
CREATE VIEW vw_commission_recon AS SELECT d, 0 AS commission_actual FROM daily_sales;
"""
FORMULA = "=cmd|' /C calc'!A0"


@dataclass
class Desk:
    """The whole way of a letter, from the file to the postman."""

    tools: ActionTools
    postman: Postman

    async def sends(self, action: Remediation, job: Job) -> Facts:
        before = await action.preflight(self.tools, job)
        assert not isinstance(before, Refused), before.why
        return await action.act(self.tools, replace(job, before=before))

    @property
    def mail(self) -> EmailMessage:
        found = email.message_from_string(self.postman.letters[-1], policy=email.policy.default)
        assert isinstance(found, EmailMessage)
        return found

    @property
    def subject(self) -> str:
        return _plain(self.mail["Subject"])

    @property
    def text(self) -> str:
        body = self.mail.get_body(("plain",))
        assert body is not None
        return _plain("\n".join(body.get_content().splitlines()))

    @property
    def tables(self) -> dict[str, list[tuple[Any, ...]]]:
        return {
            str(one.get_filename()): list(load_workbook(BytesIO(_bytes(one))).active.values)
            for one in self.mail.iter_attachments()
        }


def _plain(text: object) -> str:
    return str(text).replace(NARROW, " ").replace(MINUS, "-")


def _bytes(part: EmailMessage) -> bytes:
    content = part.get_payload(decode=True)
    assert isinstance(content, bytes)
    return content


@pytest.fixture
async def postman() -> AsyncIterator[Postman]:
    async with posted() as postman:
        yield postman


@pytest.fixture
def file(tmp_path: Path) -> Shop:
    """Sixty days up to yesterday; an overcharged article, and payouts that stop."""
    shop = Shop(tmp_path / "shop.db")
    shop.run(PNL)
    shop.stock_skus()
    shop.rule("WB")
    shop.rule("OZON")
    shop.sell_daily(TODAY - timedelta(days=1))
    for ago in (1, 2):
        shop.overcharge(TODAY - timedelta(days=ago), 3, 180)
    for ago in range(30, 0, -1):
        day = str(TODAY - timedelta(days=ago))
        came = 0 if ago <= 5 else 1000
        shop.write(
            "INSERT INTO cashflow_daily (d, marketplace, inflow, outflow, net)"
            " VALUES (?, ?, ?, 1300, ?)",
            [(day, one, came, came - 1300) for one in ("WB", "OZON")],
        )
    for ago in range(60, 0, -1):
        day = str(TODAY - timedelta(days=ago))
        shop.write(
            "INSERT INTO pnl_daily (d, sku_id, marketplace, revenue_net, commissions,"
            " delivery_cost, promo_cost) VALUES (?, 1, 'WB', 1200, 100, 100, 0)",
            [(day,)],
        )
    return shop


@pytest.fixture
async def desk(
    request: pytest.FixtureRequest, store: SqlStore, postman: Postman
) -> AsyncIterator[Desk]:
    kind = getattr(request, "param", "file")
    if kind == "server":
        url = request.getfixturevalue("database")
    else:
        url = f"sqlite:///{request.getfixturevalue('file').path}"
    templates = Templates(zone=MOSCOW, clock=lambda: NOW)
    shop = open_shop(url, sql=templates.sql)
    letters = OutgoingLetters(
        store=store,
        templates=templates,
        addresses={one: f"{one.lower()}@example.com" for one in Whom},
        chats={},
        payout_days=7,
        clock=lambda: NOW,
        wake=lambda: None,
        smtp=Smtp(url=f"smtp://127.0.0.1:{postman.port}", seconds=5),
    )
    yield Desk(replace(tools(shop=shop), letters=letters), postman)
    await letters.aclose()
    await shop.close()


async def test_finance_gets_the_week_of_a_real_file(desk: Desk, file: Shop) -> None:
    file.write("UPDATE sku SET article = ? WHERE id = 3", [(FORMULA,)])
    done = await desk.sends(remediate_notify_finance.remediation(), JOB)
    assert (done["mail"], done["files"], done["missing"]) == ("finance@example.com", 3, [])
    assert desk.subject == "Cash -28 000 ₽ on 22 Nov"
    assert "22 Nov  -28 000 ₽\n21 Nov  -25 400 ₽" in desk.text
    assert "WB: in 2 000 ₽, out 9 100 ₽, net -7 100 ₽" in desk.text
    assert f"22 Nov  OZON  {FORMULA}: 80 ₽" in desk.text
    assert "\n\n\n" not in desk.text
    tables = desk.tables
    assert {name: len(rows) - 1 for name, rows in tables.items()} == {
        "cash-2026-11-23.xlsx": 7,
        "flows-2026-11-23.xlsx": 14,
        "outliers-2026-11-23.xlsx": 2,
    }
    assert tables["outliers-2026-11-23.xlsx"][1][2:] == (FORMULA, 3, 180, 100, 80, 80)


async def test_what_a_drifted_shop_lacks_is_named_in_the_letter(desk: Desk, file: Shop) -> None:
    file.run(DRIFTED)
    done = await desk.sends(remediate_notify_finance.remediation(), JOB)
    assert done["missing"] == ["cash", "outliers"]
    assert list(desk.tables) == ["flows-2026-11-23.xlsx"]
    assert desk.subject == "Cash: the balance is not known"
    assert "Could not be read: cash, outliers." in desk.text
    assert "differ from the rules" not in desk.text


@pytest.mark.parametrize("desk", ["server"], indirect=True)
async def test_finance_gets_the_week_of_a_real_server(desk: Desk) -> None:
    done = await desk.sends(remediate_notify_finance.remediation(), JOB)
    assert (done["files"], done["missing"]) == (3, [])
    assert "22 Nov  OZON  oz-mugs: 50 ₽" in desk.text
    assert len(desk.tables["outliers-2026-11-23.xlsx"]) == 1 + 7


async def test_a_payout_letter_claims_what_the_tables_tell(desk: Desk) -> None:
    action = remediate_letter.remediation()
    before = await action.preflight(desk.tools, WB)
    assert isinstance(before, dict)
    assert (before["late_days"], before["missing_rub"]) == (5, 5000)
    done = await desk.sends(action, WB)
    assert done["mail"] == desk.mail["To"] == "wb@example.com"
    assert desk.subject == "Payout request: 5 000 ₽ overdue"
    assert "5 000 ₽ that were due by 22 Nov have not arrived" in desk.text
    assert "In the last 7 days 2 000 ₽ came in; a usual week brings 7 000 ₽." in desk.text
    assert desk.tables == {}


async def test_without_profit_and_loss_it_asks_for_less(desk: Desk, file: Shop) -> None:
    file.run("DROP TABLE pnl_daily")
    await desk.sends(remediate_letter.remediation(), WB)
    assert desk.subject == "Payout request: please pay what is settled"
    assert "Our balance on 22 Nov was -28 000 ₽" in desk.text


async def test_a_marketplace_that_pays_is_not_written_to(desk: Desk, file: Shop) -> None:
    file.run("UPDATE cashflow_daily SET inflow = 1000, net = 0")
    refused = await remediate_letter.remediation().preflight(desk.tools, WB)
    assert isinstance(refused, Refused)
    assert refused.why.key == "letter_nothing_due"
    assert desk.postman.letters == []
