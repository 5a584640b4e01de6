"""A report of the schedule arrives once, with buttons that work, and waits for alerts."""

from bot.core import reports
from bot.core.keyboard import Key
from bot.core.question import Page
from bot.core.verbs import Verb
from bot.settings_types import ChatRef
from demo.telegram import SHOP_TEAM
from tests.edges.telegram.office import Office
from tests.edges.telegram.test_courier import SICK

PAGE = Page(template="", values={}, keys=[[Key("Cash", Verb.ASK, "cash")]])


async def queue(office: Office, key: str = "schedule:brief:due:1") -> bool:
    now, place = office.clock(), ChatRef(SHOP_TEAM)
    post = await office.store.write(
        lambda tx: reports.post(tx, place, PAGE, "<b>Good morning</b>", key, now)
    )
    return post is not None


async def test_it_arrives_once_silently_with_its_buttons(office: Office) -> None:
    assert await queue(office)
    assert not await queue(office)
    await office.deliver()
    [message] = await office.chat()
    assert message["text"] == "Good morning"
    assert "Cash" in str(message)


async def test_an_alert_s_card_comes_before_it(office: Office) -> None:
    await queue(office)
    await office.sees(SICK)
    await office.deliver()
    texts = [str(one["text"]) for one in await office.chat()]
    assert len(texts) == 2
    assert texts[1] == "Good morning"
