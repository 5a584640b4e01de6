"""Typed commands that answer alerts: who may, what they change, and what they refuse."""

import pytest

from bot.core.model import Alert, Severity, State, Status, fires, ok
from bot.edges.store import SqlStore
from tests.conftest import NOON, TEAM, Clock
from tests.handlers.alerts import HOUR, SICK, history, now_is, opened, recorded, seen, silences
from tests.handlers.telegram import ANN, BORIS, SAM, VERA, Phone, texts, user

FORWARDED = {"type": "user", "sender_user": user(BORIS), "date": 1}
PHOTO = [{"file_id": "f", "file_unique_id": "u", "width": 1, "height": 1}]
ORDERS = [
    "/ack 1",
    "/giveback 1",
    "/resolve 1",
    "/note 1 text",
    "/silence 1 1h",
    "/silence all 4h",
    "/unsilence 1",
    "/maintenance 2h why",
]


@pytest.fixture
async def alert(store: SqlStore) -> Alert:
    return await store.write(opened)


@pytest.mark.parametrize("text", ORDERS)
@pytest.mark.parametrize(
    ("who", "chat", "fields", "verdict"),
    [
        pytest.param(SAM, SAM, {}, "stranger", id="stranger"),
        pytest.param(BORIS, -100999, {}, "unknown_chat", id="unknown chat"),
        pytest.param(BORIS, BORIS, {"forward_origin": FORWARDED}, "command_forwarded", id="fwd"),
        pytest.param(
            BORIS,
            TEAM.chat,
            {"sender_chat": {"id": -5, "type": "channel", "title": "x"}},
            "command_of_nobody",
            id="anonymous",
        ),
    ],
)
async def test_what_may_not_be_ordered_changes_nothing(  # noqa: PLR0913, PLR0917  # a table
    phone: Phone,
    store: SqlStore,
    alert: Alert,
    who: int,
    chat: int,
    fields: dict[str, object],
    verdict: str,
    text: str,
) -> None:
    await phone.say(who, text, chat, fields=fields)
    assert await now_is(store) == alert
    assert await history(store) == []
    assert await silences(store) == []
    assert await recorded(store, verdict) == 1


@pytest.mark.parametrize("text", ORDERS)
async def test_a_viewer_may_order_nothing(
    phone: Phone, store: SqlStore, alert: Alert, text: str
) -> None:
    (said,) = texts(await phone.say(VERA, text, TEAM.chat))
    assert said == "Your role is viewer; this needs a manager."
    assert await now_is(store) == alert
    assert await silences(store) == []
    assert await recorded(store, "role_too_low") == 1


async def test_an_order_in_a_caption_or_edited_in_is_not_carried_out(
    phone: Phone, store: SqlStore, alert: Alert
) -> None:
    fields: dict[str, object] = {"text": None, "caption": "/ack 1", "photo": PHOTO}
    await phone.say(BORIS, None, TEAM.chat, fields=fields)
    group = {"id": TEAM.chat, "type": "supergroup", "title": "A group"}
    stamp = int(NOON.timestamp())
    edited = {"message_id": 1, "date": stamp, "chat": group, "text": "/ack 1", "edit_date": stamp}
    assert await phone.feed(edited_message={**edited, "from": user(BORIS)}) == []
    assert await now_is(store) == alert


@pytest.mark.parametrize("name", ["ack", "giveback", "resolve", "unsilence"])
@pytest.mark.parametrize("number", ["2", "#77", "999999999999"])
async def test_an_alert_that_is_not_there_is_said(
    phone: Phone, alert: Alert, name: str, number: str
) -> None:
    del alert
    (said,) = texts(await phone.say(BORIS, f"/{name} {number}"))
    assert said.startswith("There is no alert #")


async def test_two_people_at_once_one_takes_it_and_the_other_hears_who(
    phone: Phone, store: SqlStore, alert: Alert
) -> None:
    del alert
    (first,) = texts(await phone.say(BORIS, "/ack 1", TEAM.chat))
    (second,) = texts(await phone.say(ANN, "/ack #1"))
    (third,) = texts(await phone.say(BORIS, "/ack 1"))
    assert first.startswith("👤 Taken. The others see it.\n<b>#1</b> The database is 5.6")
    assert second == "Boris was faster: it is taken."
    assert third == "You have it already."
    taken = await now_is(store)
    assert (taken.state, taken.acknowledged_id) == (State.ACKNOWLEDGED, BORIS)
    assert [(one.event, one.who) for one in await history(store)] == [("acknowledged", "Boris")]


async def test_what_is_given_back_starts_its_clock_anew(
    phone: Phone, store: SqlStore, alert: Alert, clock: Clock
) -> None:
    del alert
    (nobody,) = texts(await phone.say(ANN, "/giveback 1"))
    assert nobody == "Nobody has taken it; there is nothing to give back."
    await phone.say(BORIS, "/ack 1")
    clock.forward(hours=3)
    await phone.say(ANN, "/giveback 1")
    free = await now_is(store)
    assert (free.state, free.acknowledged_by, free.responded_at) == (State.FIRING, None, None)
    assert (free.remind_at, free.escalate_at) == (clock() + HOUR, clock() + 4 * HOUR)
    assert [one.event for one in await history(store)] == ["acknowledged", "given_back"]


async def test_an_alert_that_its_check_still_sees_is_not_closed(
    phone: Phone, store: SqlStore, alert: Alert
) -> None:
    (said,) = texts(await phone.say(ANN, "/resolve 1"))
    assert said.endswith("/silence 1 4h")
    assert await now_is(store) == alert


@pytest.mark.parametrize(
    ("status", "readings"),
    [
        pytest.param(Status.UNKNOWN, [SICK], id="the check is blind"),
        pytest.param(Status.OK, [ok("shop database")], id="it looks well already"),
        pytest.param(Status.FIRING, [fires("other", Severity.ERROR)], id="another subject fires"),
    ],
)
async def test_an_alert_that_nobody_sees_any_more_is_closed_by_hand(
    phone: Phone, store: SqlStore, alert: Alert, status: Status, readings: list[object]
) -> None:
    del alert
    await store.write(lambda tx: seen(tx, *readings, status=status))
    (said,) = texts(await phone.say(ANN, "/resolve 1"))
    assert said.startswith("✅ Closed.")
    over = await now_is(store)
    assert (over.state, over.proof, over.remind_at) == (State.RESOLVED, {"closed_by": "Ann"}, None)
    for text in ("/resolve 1", "/ack 1", "/giveback 1", "/silence 1 1h", "/silence 1"):
        assert texts(await phone.say(BORIS, text)) == [
            "This alert is over; there is nothing to do."
        ], text
    (story,) = texts(await phone.say(VERA, "/alert 1"))
    assert "Closed by Ann." in story


async def test_a_note_is_kept_once_however_often_the_update_comes(
    phone: Phone, store: SqlStore, alert: Alert
) -> None:
    del alert
    for _ in range(2):
        await phone.say(ANN, "/note 1 two\nlines " + "x" * 900, fields={"message_id": 7})
    (note,) = await history(store)
    assert str(note.values["text"]).startswith("two lines xxx")
    assert len(str(note.values["text"])) == 500
    (usage,) = texts(await phone.say(ANN, "/note 1"))
    assert usage.endswith("Usage: /note <id> <text>".replace("<", "&lt;").replace(">", "&gt;"))


async def test_the_names_of_those_who_spoke_are_known_to_the_rota(
    phone: Phone, store: SqlStore
) -> None:
    await phone.say(VERA, "/status")
    assert await store.read(lambda tx: tx.recall(f"person:{VERA}")) == "Vera"
    await phone.say(SAM, "/whoami")
    assert await store.read(lambda tx: tx.recall(f"person:{SAM}")) is None
