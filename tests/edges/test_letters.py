"""Letters: over a real SMTP conversation, and to a chat by a post that the courier shows."""

import email
import email.policy
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from email.message import EmailMessage
from io import BytesIO
from zoneinfo import ZoneInfo

import pytest
from openpyxl import load_workbook  # type: ignore[import-untyped]  # it ships no types

from bot.core.letters import Letter, Whom
from bot.core.model import Row
from bot.core.ports import Tx
from bot.core.records import PostState
from bot.core.runbook import ActionFailed
from bot.edges.letters import OutgoingLetters
from bot.edges.smtp import Smtp
from bot.edges.store import SqlStore
from bot.edges.templates import Templates, plain
from tests.conftest import Clock
from tests.edges.postman import Postman
from tests.edges.web_api import free_address

FINANCE = -100777
CASH: list[Row] = [{"day": "2026-11-22", "balance_rub": -15_000.0}]
LETTER = Letter(
    to=Whom.FINANCE,
    template="letters/finance.txt.j2",
    chat="notices/finance.html.j2",
    values={
        "days": 7,
        "today": "2026-11-23",
        "balances": CASH,
        "flows": [{"marketplace": "WB", "inflow_rub": 1000.0, "outflow_rub": 3000.0}],
        "outliers": [
            {
                "day": "2026-11-21",
                "marketplace": "WB",
                "article": "=cmd()",
                "sku_id": 1,
                "difference_rub": 55.0,
            }
        ],
        "outliers_total": 1,
        "missing": ["flows"],
        "by": "Ann\nBcc: all@example.com",
        "number": 7,
    },
    tables={"cash-2026-11-23": CASH},
    key="tap:1",
)
Made = Callable[..., OutgoingLetters]


@pytest.fixture
async def made(store: SqlStore, clock: Clock) -> AsyncIterator[Made]:
    kept: list[OutgoingLetters] = []

    def make(port: int | None, *, mail: bool = True, chat: bool = False) -> OutgoingLetters:
        url = f"smtp://bot%40shop.example:p%40ss@127.0.0.1:{port}"
        kept.append(
            OutgoingLetters(
                store=store,
                templates=Templates(zone=ZoneInfo("Europe/Moscow"), clock=clock),
                addresses={Whom.FINANCE: "finance@shop.example"} if mail else {},
                chats={Whom.FINANCE: FINANCE} if chat else {},
                payout_days=7,
                clock=clock,
                wake=lambda: None,
                smtp=Smtp(url=url, seconds=5) if port else None,
                sleep=lambda _seconds: shown(store),
            )
        )
        return kept[-1]

    yield make
    for one in kept:
        await one.aclose()


async def shown(store: SqlStore) -> None:
    """What the courier would do."""

    def show(tx: Tx) -> None:
        if post := tx.posts.get(1):
            tx.posts.save(replace(post, state=PostState.SHOWN, message_id=7))

    await store.write(show)


def read(letter: str) -> EmailMessage:
    found = email.message_from_string(letter, policy=email.policy.default)
    assert isinstance(found, EmailMessage)
    return found


async def test_finance_gets_one_mail_with_its_tables(made: Made, postman: Postman) -> None:
    sent = await made(postman.port).send(LETTER)
    assert sent == {"mail": "finance@shop.example", "chat": None, "trouble": None}
    mail = read(postman.letters[0])
    assert mail["From"] == "bot@shop.example"
    assert mail["Bcc"] is None
    assert "(alert #7)" in mail["Subject"]
    (text,) = [one for one in mail.walk() if one.get_content_type() == "text/plain"]
    assert "Could not be read: flows." in text.get_content()
    (file,) = list(mail.iter_attachments())
    assert file.get_filename() == "cash-2026-11-23.xlsx"
    content = file.get_payload(decode=True)
    assert isinstance(content, bytes)
    rows = list(load_workbook(BytesIO(content)).active.values)
    assert rows[0] == ("day", "balance_rub")
    assert rows[1][1] == -15_000


async def test_one_decision_has_one_message_id(made: Made, postman: Postman) -> None:
    letters = made(postman.port)
    for key in ("tap:1", "tap:1", "tap:2"):
        await letters.send(replace(LETTER, key=key))
    first, again, other = [read(one)["Message-ID"] for one in postman.letters]
    assert first == again
    assert first != other
    assert first.endswith("@shop.example>")


async def test_a_refusal_is_a_failure_without_the_address_of_the_server(
    made: Made, postman: Postman
) -> None:
    postman.refuses = True
    with pytest.raises(ActionFailed) as failed:
        await made(postman.port).send(LETTER)
    assert failed.value.why.key == "letter_refused"
    assert str(postman.port) not in str(failed.value.why)
    assert "p@ss" not in str(failed.value.why)
    assert postman.letters == []


@pytest.mark.parametrize(
    ("answers", "said"),
    [
        ({"AUTH": "535 p@ss is wrong"}, "it does not accept user and password of SMTP_URL (535)."),
        ({"RCPT": "550 nobody"}, "it takes no mail for this address (550)."),
        ({"DATA": "554 p@ss"}, "it refused the letter itself (554)."),
    ],
    ids=["login", "address", "letter"],
)
async def test_each_refusal_has_its_own_line_without_the_server_s_words(
    made: Made, postman: Postman, answers: dict[str, str], said: str
) -> None:
    postman.answers = answers
    letters = made(postman.port)
    with pytest.raises(ActionFailed) as failed:
        await letters.send(LETTER)
    why = letters.templates.say_plain(failed.value.why)
    assert why == f"The mail server did not take the letter to finance@shop.example: {said}"
    assert postman.letters == []


async def test_nobody_at_home_is_said(made: Made) -> None:
    letters = made(int(free_address().rpartition(":")[2]))
    with pytest.raises(ActionFailed) as failed:
        await letters.send(LETTER)
    assert letters.templates.say_plain(failed.value.why).endswith("nothing listens there.")


async def test_a_chat_is_told_once_and_it_counts_when_it_was_shown(
    made: Made, store: SqlStore
) -> None:
    letters = made(None, chat=True)
    assert letters.ways(Whom.FINANCE) == ["chat"]
    assert await letters.send(LETTER) == {"mail": None, "chat": FINANCE, "trouble": None}
    with pytest.raises(ActionFailed) as failed:
        await letters.send(LETTER)
    assert failed.value.why.key == "letter_sent_already"
    post = await store.read(lambda tx: tx.posts.get(1))
    assert post is not None
    assert post.chat_id == FINANCE
    text = letters.templates.render(LETTER.chat or "", **post.context)
    assert all(len(line) <= 36 for line in plain(text.split("<pre>")[1]).splitlines()[:2])
    assert "Could not be read: flows" in text


async def test_mail_that_fails_beside_a_chat_that_works_is_said(
    made: Made, postman: Postman
) -> None:
    postman.refuses = True
    sent = await made(postman.port, chat=True).send(LETTER)
    assert sent["chat"] == FINANCE
    assert sent["mail"] is None
    assert "letter_refused" in str(sent["trouble"])


async def test_without_a_server_there_is_no_way(made: Made) -> None:
    assert list(made(None).ways(Whom.FINANCE)) == []
    assert list(made(None).ways(Whom.WB)) == []
