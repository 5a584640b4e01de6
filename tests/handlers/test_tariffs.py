"""`/tariffs` in the chat: its button asks for the change, of those who may."""

from dataclasses import replace

import pytest

from bot.core.records import Run, RunState
from bot.core.tariffs import NoTariffs, Tariff, TariffList
from bot.edges.store import SqlStore
from tests.checks.shop import Shop
from tests.conftest import ADMINS, NOON, TEAM
from tests.handlers.telegram import ANN, BORIS, Call, Phone, buttons, texts

LABEL = "Set 17.25 %: Big cups"


@pytest.fixture
def fetched(phone: Phone, shop: Shop) -> Phone:
    shop.write(
        "INSERT INTO commission_rules (marketplace, category, rate_pct, effective_from)"
        " VALUES ('WB', 'Big cups', 15, '2026-01-01')",
        [()],
    )
    cups = Tariff(parent="Home", subject="Big Cups", rate_pct=17.25)
    found = TariffList(at=NOON, column="paidStorageKgvp", tariffs=[cups])
    answering = phone.dispatcher["answering"]
    tools = replace(answering.tools, tariffs=NoTariffs(found))
    phone.dispatcher["answering"] = replace(answering, tools=tools)
    return phone


async def asked(phone: Phone, who: int, chat: int = ADMINS.chat) -> Call:
    [page] = await phone.say(who, "/tariffs", chat)
    return page


async def runs(store: SqlStore) -> list[Run]:
    return list(await store.read(lambda tx: tx.runs.in_state(*RunState)))


async def test_an_admin_s_tap_asks_for_the_rate_and_changes_nothing(
    fetched: Phone, store: SqlStore, shop: Shop
) -> None:
    page = await asked(fetched, ANN)
    number = fetched.session.last_id
    before = shop.select("SELECT * FROM commission_rules")
    refused = await fetched.tap(BORIS, ADMINS.chat, number, buttons(page)[LABEL])
    assert texts(refused) == ["Your role is manager; this needs an admin."]
    assert await runs(store) == []
    await fetched.tap(ANN, ADMINS.chat, number, buttons(page)[LABEL])
    [run] = await runs(store)
    assert (run.action, run.state, run.asked_by) == ("remediate_rate", RunState.ASKED, ANN)
    assert run.args == {
        "marketplace": "WB",
        "rate": "17.25",
        "from": "2026-11-23",
        "category": "Big cups",
    }
    assert shop.select("SELECT * FROM commission_rules") == before


async def test_the_admins_chat_is_theirs_under_its_new_number_too(fetched: Phone) -> None:
    """It became a supergroup, and the settings still have the old number."""
    new = -100777
    await fetched.say(ANN, None, ADMINS.chat, fields={"migrate_to_chat_id": new})
    assert LABEL in buttons(await asked(fetched, BORIS, new))


@pytest.mark.parametrize(
    ("chat", "shown"), [(BORIS, False), (TEAM.chat, False), (ADMINS.chat, True)]
)
async def test_a_manager_is_shown_the_button_where_admins_read_along(
    fetched: Phone, chat: int, *, shown: bool
) -> None:
    page = await asked(fetched, BORIS, chat)
    assert "15 % → 17.25 %" in texts([page])[0]
    assert (LABEL in buttons(page)) is shown
