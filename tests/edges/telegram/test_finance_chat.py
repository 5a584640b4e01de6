"""A finance chat without a mail address gets the text and its tables as files, once."""

from contextlib import suppress
from io import BytesIO
from typing import Any

import aiohttp
import pytest
from openpyxl import load_workbook  # type: ignore[import-untyped]  # it ships no types

from bot.core.letters import Letter, Whom
from bot.core.model import Facts, Row
from bot.core.runbook import ActionFailed
from bot.edges.formats import MINUS, NARROW
from bot.edges.letters import OutgoingLetters
from demo.telegram import SHOP_TEAM
from tests.edges.telegram.office import Office
from tests.edges.telegram.test_enclosures import Hanging

CASH: list[Row] = [
    {"day": f"2026-11-{day}", "balance_rub": -123_456_789_012.0} for day in range(16, 23)
]
FLOWS: list[Row] = [
    {"marketplace": name, "inflow_rub": 123_456_789.0, "outflow_rub": 987_654_321.0}
    for name in ("OZON", "WB")
]
WORST: list[Row] = [
    {
        "day": "2026-11-22",
        "marketplace": "OZON",
        "article": "an-article-with-a-name-of-forty-letters-" + str(n),
        "sku_id": n,
        "difference_rub": -12_345_678.9,
    }
    for n in range(5)
]


def letter(**values: Any) -> Letter:  # noqa: ANN401  # of a letter
    shown = {
        "days": 7,
        "today": "2026-11-23",
        "balances": CASH,
        "flows": FLOWS,
        "outliers": WORST,
        "outliers_total": 300,
        "missing": [],
        "by": "Ann <&>",
        "number": 7,
    }
    return Letter(
        to=Whom.FINANCE,
        template="letters/finance.txt.j2",
        chat="notices/finance.html.j2",
        values={**shown, **values},
        tables={"cash-2026-11-23": CASH, "outliers-2026-11-23": WORST * 60},
        key="tap:1",
    )


async def sends(office: Office, what: Letter, seconds: float = 5) -> Facts:
    delivered: list[float] = []

    async def courier(_seconds: float) -> None:
        if not delivered:
            delivered.append(seconds)
            with suppress(TimeoutError):
                await office.deliver(seconds)

    letters = OutgoingLetters(
        store=office.store,
        templates=office.courier.cards.templates,
        addresses={},
        chats={Whom.FINANCE: SHOP_TEAM},
        payout_days=7,
        clock=office.clock,
        wake=office.courier.wake,
        sleep=courier,
    )
    return await letters.send(what)


async def test_the_text_and_the_whole_tables_arrive_once(office: Office) -> None:
    done = await sends(office, letter())
    assert done == {"mail": None, "chat": SHOP_TEAM, "trouble": None}
    text, *files = await office.chat()
    assert [one["document"]["name"] for one in files] == [
        "cash-2026-11-23.xlsx",
        "outliers-2026-11-23.xlsx",
    ]
    assert {one["reply_to"]["message_id"] for one in files} == {text["message_id"]}
    async with aiohttp.ClientSession(office.phone.url) as client:
        content = await (await client.get(files[1]["document"]["url"])).read()
    assert load_workbook(BytesIO(content)).active.max_row == 301
    with pytest.raises(ActionFailed, match="letter_sent_already"):
        await sends(office, letter())
    assert len(await office.chat()) == 3


async def test_files_that_the_chat_does_not_take_are_said(office: Office) -> None:
    refusal = "Bad Request: not enough rights to send documents to the chat"
    await office.phone.fault(method="sendDocument", description=refusal, times=None)
    done = await sends(office, letter())
    assert done["chat"] == SHOP_TEAM
    assert "letter_files_refused" in str(done["trouble"])
    assert [one["text"].split(" could")[0] for one in (await office.chat())[1:]] == [
        "The table cash-2026-11-23",
        "The table outliers-2026-11-23",
    ]


async def test_files_that_have_to_wait_are_no_failure(office: Office) -> None:
    """The text is there, and its tables come when there is time for them."""
    usual = office.courier.enclosures
    office.courier.enclosures = Hanging(say=str)
    assert (await sends(office, letter(), seconds=0.3))["trouble"] is None
    assert len(await office.chat()) == 1
    await office.tasks.close(0)
    office.courier.enclosures = usual
    await office.deliver()
    assert len(await office.chat()) == 3


async def test_at_its_widest_it_reads_like_this_on_a_phone(office: Office) -> None:
    await sends(office, letter(missing=["flows"]))
    text, *_ = await office.chat()
    days = [f"{day} Nov -123 456 789 012" for day in range(22, 15, -1)]
    assert text["text"].replace(NARROW, " ").replace(MINUS, "-").splitlines() == [
        "💰 For finance: cash of the last 7 days · alert #7",
        "   Day       Balance, ₽",
        *days,
        "           In, ₽      Out, ₽",
        "OZON 123 456 789 987 654 321",
        "WB   123 456 789 987 654 321",
        "Commissions that are off: 300, the worst first",
        "   Day Article                Off, ₽",
        *["22 Nov an-article-with-… -12 345 679"] * 5,
        "❔ Could not be read: flows",
        "Sent by Ann <&> · the whole tables follow as files",
    ]
    tables = [part.split("</pre>")[0] for part in text["html"].split("<pre>")[1:]]
    assert max(len(line) for table in tables for line in table.splitlines()) == 36
