"""Many alerts at once, and what came and went while nobody could be told."""

from dataclasses import replace

import pytest

from bot.core import reach, revival
from bot.core.model import Reading, Severity, State, fires, ok
from bot.core.ports import Tx
from bot.core.records import PostKind, PostState
from bot.edges.telegram.knock import Knocker
from demo.telegram import ADMINS, ANN, SHOP_TEAM
from tests import fakes
from tests.conftest import Clock
from tests.edges.telegram.office import Office


def sick(count: int, severity: Severity = Severity.WARNING) -> list[Reading]:
    return [fires(f"db {number}", severity, **fakes.FULL) for number in range(count)]


def well(count: int) -> list[Reading]:
    return [ok(f"db {number}", **fakes.SLIM) for number in range(count)]


async def test_ten_alerts_have_cards_of_their_own(office: Office) -> None:
    await office.sees(*sick(10))
    await office.deliver()
    assert len([card for card in await office.chat() if card["buttons"]]) == 10


async def test_more_at_once_are_one_message(office: Office) -> None:
    await office.sees(*sick(36), fires("cash", Severity.ERROR, **fakes.FULL))
    await office.deliver()
    [storm] = await office.chat()
    lines = storm["text"].splitlines()
    assert lines[0] == "⚡ 37 new alerts in a minute"
    assert lines[1].startswith("🟠 #37 The database is")
    assert len([line for line in lines if " #" in line]) == 5
    assert "🟡 32 × Database growth" in lines
    assert [button["text"] for button in storm["buttons"][0]] == ["Show all"]


async def test_a_storm_is_edited_as_it_grows_and_ends(office: Office, clock: Clock) -> None:
    await office.sees(*sick(20))
    await office.deliver()
    clock.forward(seconds=40)
    await office.sees(*sick(25))
    clock.forward(seconds=40)
    await office.sees(*sick(30))
    await office.deliver()
    [storm] = await office.chat()
    assert storm["text"].startswith("⚡ 30 new alerts in 1 min")
    clock.forward(minutes=2)
    await office.sees(*well(12), *sick(30)[12:])
    await office.deliver()
    [storm] = await office.chat()
    assert "✅ 12 of them are over already" in storm["text"]
    await office.sees(*well(30))
    clock.forward(seconds=11)
    await office.deliver()
    [storm] = await office.chat()
    assert storm["text"].startswith("✅ 30 alerts came")
    assert not storm["buttons"]


async def test_after_a_quiet_minute_alerts_have_cards_again(office: Office, clock: Clock) -> None:
    await office.sees(*sick(20))
    await office.deliver()
    clock.forward(seconds=61)
    await office.sees(*sick(21))
    await office.deliver()
    storm, card = await office.chat()
    assert "20 new alerts" in storm["text"]
    assert card["text"].startswith("🟡 The database is")


async def test_a_storm_is_reminded_of_once(office: Office, clock: Clock) -> None:
    await office.sees(*sick(37, Severity.ERROR))
    await office.deliver()
    clock.forward(minutes=16)
    await office.tick()
    clock.forward(seconds=5)
    await office.tick()
    await office.deliver()
    storm, reminder = await office.chat()
    assert "37 of these 37 alerts still fire" in reminder["text"]
    assert reminder["reply_to"]["message_id"] == storm["message_id"]


async def test_a_critical_alert_in_a_storm_on_show_rings(office: Office) -> None:
    await office.sees(*sick(20))
    await office.deliver()
    await office.sees(*sick(20), fires("cash", Severity.CRITICAL, **fakes.FULL))
    await office.deliver()
    _, notice = await office.chat()
    assert "Another critical one" in notice["text"]
    assert not notice["silent"]


async def test_a_storm_never_outgrows_a_message_nor_breaks_out_of_it(office: Office) -> None:
    evil = {**fakes.FULL, "cause": "<b>&" * 500}
    await office.sees(*(fires(f"<i>{n}" * 300, Severity.ERROR, **evil) for n in range(40)))
    await office.deliver()
    [storm] = await office.chat()
    assert len(storm["text"]) <= 4096


async def test_what_came_and_went_in_an_outage_is_one_digest(office: Office, clock: Clock) -> None:
    await office.phone.outage(on=True)
    await office.sees(*sick(8), fires("stays", Severity.ERROR, **fakes.FULL))
    await office.deliver()
    clock.forward(minutes=5)
    await office.sees(*well(8), fires("stays", Severity.ERROR, **fakes.FULL))
    await office.deliver()
    clock.forward(minutes=5)
    await office.phone.outage(on=False)
    await office.deliver()
    clock.forward(seconds=31)
    await office.deliver()
    texts = [message["text"] for message in await office.chat()]
    assert sum(text.startswith("📭") for text in texts) == 1
    [digest] = [text for text in texts if text.startswith("📭")]
    assert "8 alerts came and went" in digest or "7 alerts came and went" in digest
    assert any(text.startswith("🟠") for text in texts)
    assert len(texts) <= 3  # a card may be in doubt: its answer was lost


async def test_a_reminder_of_what_is_over_is_not_sent(office: Office, clock: Clock) -> None:
    await office.sees(fires("db 0", Severity.ERROR, **fakes.FULL))
    await office.deliver()
    await office.phone.outage(on=True)
    clock.forward(minutes=16)
    await office.tick()
    await office.sees(*well(1))
    await office.deliver()
    await office.phone.outage(on=False)
    clock.forward(minutes=1)
    await office.deliver()
    [card] = await office.chat()
    assert card["text"].startswith("✅")


async def test_that_it_is_over_is_not_said_of_what_is_back(office: Office) -> None:
    await office.sees(fires("db 0", Severity.ERROR, **fakes.FULL))
    await office.deliver()

    def take(tx: Tx) -> None:
        [alert] = tx.alerts.open()
        tx.alerts.save(
            replace(
                alert,
                state=State.ACKNOWLEDGED,
                acknowledged_by="Ann",
                acknowledged_id=ANN,
                acknowledged_at=office.clock(),
            )
        )

    await office.store.write(take)
    await office.sees(*well(1))
    await office.sees(fires("db 0", Severity.ERROR, **fakes.FULL))
    await office.deliver()
    [card] = await office.chat()
    assert card["text"].startswith("🟠")


async def test_many_reminders_that_waited_are_one(office: Office, clock: Clock) -> None:
    await office.sees(fires("db 0", Severity.CRITICAL, **fakes.FULL))
    await office.deliver()
    await office.phone.outage(on=True)
    for _ in range(6):
        clock.forward(minutes=5, seconds=1)
        await office.tick()
    await office.phone.outage(on=False)
    await office.deliver()
    clock.forward(minutes=1)
    await office.deliver()
    reminders = [one for one in await office.chat() if "Nobody has taken" in one["text"]]
    assert len([one for one in reminders if not one["buttons"]]) == 1


async def test_a_chat_that_is_back_shows_what_is_open(office: Office) -> None:
    await office.phone.kick(SHOP_TEAM, ANN)
    await office.sees(*sick(1))
    await office.deliver()
    await office.phone.set_bot(SHOP_TEAM, ANN, "member")
    now, policy = office.clock(), office.book.policy
    assert await office.store.write(lambda tx: reach.mended(tx, policy, SHOP_TEAM, now))
    await office.deliver()
    [card] = await office.chat()
    assert card["text"].startswith("🟡")
    assert await office.broken() == {}


async def test_without_the_admin_chat_nothing_turns_in_circles(office: Office) -> None:
    await office.phone.kick(SHOP_TEAM, ANN)
    await office.phone.kick(ADMINS, ANN)
    await office.sees(*sick(2, Severity.CRITICAL))
    await office.deliver()
    assert set(await office.broken()) == {SHOP_TEAM, ADMINS}
    posts = await office.posts()
    assert {post.state for post in posts} == {PostState.DEAD}
    now = office.clock()
    lost = await office.store.read(lambda tx: dict(tx.posts.undelivered(now)))
    assert set(lost) == {1, 2}


@pytest.mark.parametrize(("away", "calls"), [(149, 0), (151, 1)])
async def test_after_a_long_absence_cards_are_refreshed(
    office: Office, clock: Clock, away: int, calls: int
) -> None:
    await office.sees(*sick(1))
    await office.deliver()
    now = clock()
    await office.store.write(lambda tx: revival.beat(tx, now))
    clock.forward(seconds=away)
    later = clock()
    office.start_anew()
    await office.store.write(lambda tx: revival.revive(tx, later))
    await office.deliver()
    methods = (await office.phone.calls())["methods"]
    assert methods.get("editmessagetext", 0) == calls


async def test_an_alert_of_a_digest_that_comes_back_has_a_card(
    office: Office, clock: Clock
) -> None:
    await office.phone.outage(on=True)
    await office.sees(*sick(3))
    await office.sees(*well(3))
    clock.forward(minutes=3)
    await office.phone.outage(on=False)
    await office.deliver()
    await office.sees(*sick(1))
    await office.deliver()
    digest, card = await office.chat()
    assert digest["text"].startswith("📭")
    assert card["text"].startswith("🟡")
    alerts = await office.store.read(lambda tx: list(tx.alerts.open()))
    assert [alert.state for alert in alerts] == [State.FIRING]
    posts = await office.posts()
    assert [post.kind for post in posts] == [PostKind.CARD]


@pytest.mark.parametrize("let_in_again", [True, False])
async def test_a_closed_chat_that_became_a_supergroup_is_found_by_knocking(
    office: Office,
    let_in_again: bool,  # noqa: FBT001  # a parameter
) -> None:
    await office.phone.call("POST", "rights", {"chat": SHOP_TEAM, "read_only": True})
    await office.sees(*sick(2))
    await office.deliver()
    new = await office.phone.migrate(SHOP_TEAM, ANN)
    await office.phone.call("POST", "rights", {"chat": new, "read_only": not let_in_again})
    courier, policy = office.courier, office.book.policy
    knocker = Knocker(bot=courier.bot, store=office.store, policy=policy, clock=office.clock)
    await knocker.knock()
    await office.deliver()
    if let_in_again:
        assert await office.broken() == {}
        assert len([card for card in await office.chat(new) if card["buttons"]]) == 2
        return
    assert set(await office.broken()) == {new}
    await office.phone.call("POST", "rights", {"chat": new, "read_only": False})
    await knocker.knock()
    assert await office.broken() == {}


async def test_a_chat_that_may_be_written_to_again_is_found_by_knocking(office: Office) -> None:
    await office.phone.call("POST", "rights", {"chat": SHOP_TEAM, "read_only": True})
    await office.sees(*sick(1))
    await office.deliver()
    courier, policy = office.courier, office.book.policy
    knocker = Knocker(bot=courier.bot, store=office.store, policy=policy, clock=office.clock)
    await knocker.knock()
    assert set(await office.broken()) == {SHOP_TEAM}

    await office.phone.call("POST", "rights", {"chat": SHOP_TEAM, "read_only": False})
    await knocker.knock()
    await office.deliver()
    assert await office.broken() == {}
    assert len(await office.chat()) == 1
