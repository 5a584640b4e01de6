"""The chats show what the tables say, whatever Telegram does. Against the emulator, over HTTP."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.core.model import Severity, fires, ok
from bot.core.records import PostState
from demo.telegram import ADMINS, ANN, SHOP_TEAM
from tests import fakes
from tests.conftest import Clock
from tests.edges.telegram.office import Office

SICK = fires("shop database", Severity.WARNING, **fakes.FULL)
WORSE = fires("shop database", Severity.ERROR, **fakes.FULL, note="worse")
OTHER = fires("shop database", Severity.WARNING, **{**fakes.FULL, "total_bytes": 5_800_000_000})
UNSEEN = fires("shop database", Severity.WARNING, **fakes.FULL, note="on no card")
WELL = ok("shop database", **fakes.SLIM)


async def test_one_card_for_one_alert_edited_in_place(office: Office) -> None:
    await office.sees(SICK)
    await office.deliver()
    [card] = await office.chat()
    assert card["text"].splitlines()[0] == "🟡 The database is 5.6 GB, the limit is 5.0 GB"
    assert [button["text"] for row in card["buttons"] for button in row] == [
        "Run VACUUM",
        "Acknowledge",
        "Silence 1h",
        "More…",
        "Diagnose",
        "Runbook",
        "Steps",
    ]

    await office.sees(WELL)
    await office.deliver()
    [card] = await office.chat()
    assert card["text"].startswith("✅ The database is 3.1 GB again")
    assert not card["buttons"]


async def test_ten_changes_while_it_waits_become_one_edit(office: Office) -> None:
    await office.sees(SICK)
    await office.deliver()
    for _ in range(5):
        await office.sees(WORSE)
        await office.sees(SICK)
    await office.sees(WORSE)
    await office.deliver()
    calls = await office.phone.calls()
    assert calls["methods"]["editmessagetext"] == 1


async def test_what_opened_and_healed_unseen_is_told_once(office: Office) -> None:
    await office.sees(SICK)
    await office.sees(WELL)
    await office.deliver()
    [card] = await office.chat()
    assert card["text"].startswith("✅")


async def test_a_lost_answer_is_repeated_once_and_says_so(office: Office, clock: Clock) -> None:
    await office.phone.fault("drop_after", method="sendMessage")
    await office.sees(SICK)
    await office.deliver()
    assert [post.state for post in await office.posts()] == [PostState.UNCERTAIN]

    clock.forward(seconds=31)
    await office.deliver()
    first, second = await office.chat()
    assert "sent again" not in first["text"]
    assert "sent again" in second["text"]
    clock.forward(hours=1)
    await office.deliver()
    assert len(await office.chat()) == 2


async def test_a_request_cut_off_by_a_crash_is_uncertain_not_forgotten(office: Office) -> None:
    await office.sees(SICK)
    [post] = await office.posts()
    await office.store.write(lambda tx: tx.posts.save(replace(post, state=PostState.SENDING)))
    await office.courier.recover()
    await office.deliver()
    [card] = await office.chat()
    assert "sent again" in card["text"]


async def test_a_refused_connection_is_tried_again(office: Office, clock: Clock) -> None:
    await office.phone.outage(on=True)
    await office.sees(SICK)
    await office.deliver()
    assert await office.chat() == []

    await office.phone.outage(on=False)
    clock.forward(minutes=2)
    await office.deliver()
    assert len(await office.chat()) == 1


async def test_retry_after_is_obeyed_and_spends_no_attempt(office: Office, clock: Clock) -> None:
    await office.phone.fault(
        status=429, description="Too Many Requests: retry after 7", parameters={"retry_after": 7}
    )
    await office.sees(SICK)
    began = clock()
    await office.deliver()
    [post] = await office.posts()
    assert office.waits[0] == pytest.approx(7)
    assert clock() >= began + timedelta(seconds=7)
    assert (post.attempts, len(await office.chat())) == (0, 1)


async def test_refused_markup_becomes_the_same_card_as_text(office: Office) -> None:
    await office.phone.fault(description="Bad Request: can't parse entities: oops")
    await office.sees(SICK)
    await office.deliver()
    [card] = await office.chat()
    assert "The database is 5.6 GB" in card["text"]
    assert "<b>" not in card["text"]
    assert card["buttons"]


async def test_a_deleted_card_is_posted_anew(office: Office) -> None:
    await office.sees(SICK)
    await office.deliver()
    [card] = await office.chat()
    await office.phone.delete(ANN, card)
    office.clock.forward(minutes=2)
    await office.sees(OTHER)
    await office.deliver()
    [again] = await office.chat()
    assert again["message_id"] != card["message_id"]


async def test_a_chat_that_became_a_supergroup_is_followed(office: Office) -> None:
    await office.sees(SICK)
    await office.deliver()
    new = await office.phone.migrate(SHOP_TEAM, ANN)
    office.clock.forward(minutes=2)
    await office.sees(OTHER)
    await office.deliver()
    assert len(await office.chat(new)) == 1
    [post] = await office.posts()
    assert post.chat_id == new


async def test_a_chat_that_kicked_us_loses_no_alert(office: Office) -> None:
    await office.phone.kick(SHOP_TEAM, ANN)
    await office.sees(SICK)
    await office.deliver()
    states = {post.chat_id: post.state for post in await office.posts()}
    assert states == {SHOP_TEAM: PostState.DEAD, ADMINS: PostState.SHOWN}
    notice, card = await office.chat(ADMINS)
    assert "bot was kicked" in notice["text"]
    assert "The database is 5.6 GB" in card["text"]


@pytest.mark.parametrize("kind", ["html", "refuse"])
async def test_any_odd_answer_is_tried_again(office: Office, clock: Clock, kind: str) -> None:
    await office.phone.fault(kind, status=502, description="Bad Gateway")
    await office.sees(SICK)
    await office.deliver()
    clock.forward(minutes=1)
    await office.deliver()
    [post] = await office.posts()
    assert post.state is PostState.SHOWN


async def test_one_dead_chat_stops_no_other(office: Office) -> None:
    await office.phone.kick(SHOP_TEAM, ANN)
    await office.sees(fires("cash", Severity.CRITICAL, **fakes.FULL))
    await office.deliver()
    assert sum("5.6 GB" in card["text"] for card in await office.chat(ADMINS)) == 1


async def test_a_card_that_cannot_be_written_is_a_bare_line_not_a_lost_alert(
    office: Office,
) -> None:
    await office.sees(fires("shop database", Severity.ERROR))  # none of the facts it needs
    await office.deliver()
    [card] = await office.chat()
    assert card["text"].startswith("⚠️ Alert #1: check_db_growth, shop database, error, firing.")


async def test_a_reminder_is_a_reply_to_its_card(office: Office, clock: Clock) -> None:
    await office.sees(SICK)
    await office.deliver()
    clock.forward(minutes=61)
    await office.tick()
    await office.deliver()
    card, reminder = await office.chat()
    assert reminder["reply_to"]["message_id"] == card["message_id"]
    assert len(reminder["text"]) < len(card["text"])


async def edits(office: Office) -> int:
    calls = await office.phone.calls()
    return int(calls["methods"].get("editmessagetext", 0))


async def test_numbers_that_nobody_sees_make_no_edit(office: Office, clock: Clock) -> None:
    await office.sees(SICK)
    await office.deliver()
    for number in range(5):
        clock.forward(minutes=5)
        unseen = {**fakes.FULL, "note": f"round {number}"}
        await office.sees(fires("shop database", Severity.WARNING, **unseen))
        await office.deliver()
    assert await edits(office) == 0
    (post,) = await office.posts()
    assert post.shown == post.wanted
    await office.sees(WORSE)
    await office.deliver()
    assert await edits(office) == 1


async def test_buttons_are_renewed_before_they_end_though_nothing_else_is_new(
    office: Office, clock: Clock
) -> None:
    await office.sees(SICK)
    await office.deliver()
    clock.forward(hours=25)
    await office.sees(UNSEEN)
    await office.deliver()
    assert await edits(office) == 1


async def test_after_a_start_the_first_edit_is_made(office: Office, clock: Clock) -> None:
    await office.sees(SICK)
    await office.deliver()
    office.start_anew()
    for _ in range(2):
        clock.forward(minutes=5)
        await office.sees(UNSEEN)
        await office.deliver()
        clock.forward(minutes=5)
        await office.sees(SICK)
        await office.deliver()
    assert await edits(office) == 1
